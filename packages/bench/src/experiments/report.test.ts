import { expect, it } from "vitest";
import { machineFacts } from "../machine.js";
import { defineExperiment, type Results } from "./experiment.js";
import { integers } from "./options.js";
import { experimentsReport } from "./report.js";

const experiment = defineExperiment<{ lengths: readonly number[] }, number>({
	summary: "a test",
	options: { lengths: integers("lengths", [1]) },
	run: async () => [1],
	section: ({ rows }) => ({
		title: "A title",
		claim: "A claim.",
		method: "A method.",
		tables: ["| a |"],
		findings: [`The row is ${rows[0]}.`, "Another."],
	}),
});
const results: Results = {
	experiment: "a-test",
	date: "2026-11-30",
	machine: { ...machineFacts(), cpu: "a processor", cores: 2, load: 0.1 },
	device: "a device",
	seed: 4,
	settings: { lengths: [1, 2] },
	seconds: 250,
	rows: [7],
};

it("has the claim, the tables, the findings and where they come from", () => {
	const report = experimentsReport([{ experiment, results }]);
	expect(report).toMatch(/^# Experiments\n/);
	expect(report).toContain(
		"## A title\n\nA claim.\n\nA method.\n\n| a |\n\n- The row is 7.\n- Another.\n\nMeasured 2026-11-30 on a processor, 2 cores",
	);
	expect(report).toContain(
		"a device. Settings: lengths 1/2, seed 4. It took 4 minutes. Again: `npm run experiment -- a-test`.",
	);
});

it("says so if other programs were running", () => {
	const busy = { ...results, machine: { ...results.machine, load: 1.5 } };
	expect(experimentsReport([{ experiment, results: busy }])).toContain("Other programs were running (load 1.5)");
});
