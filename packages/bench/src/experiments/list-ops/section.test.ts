import { expect, it } from "vitest";
import { machineFacts } from "../../machine.js";
import { mechanisms } from "./mechanisms.js";
import { type Row, section } from "./section.js";

const row = (name: string, percent: number, secondsPerStep: number, causal = false): Row => ({
	...{ name, percent, secondsPerStep, causal, description: `a ${name}`, mostFrequentPercent: 18, loss: 2.1 },
});

it("has every mechanism beside the published model, the most frequent value and exact attention", () => {
	const { tables, findings } = section({
		...{ experiment: "list-ops", date: "2026-11-30", machine: machineFacts(), device: "test", seed: 0, seconds: 1 },
		settings: {
			...{ steps: 200, batch: 16, layers: 2, dim: 64, heads: 4, minLength: 500, maxLength: 2000, evaluated: 512 },
			...{ learningRate: 2e-3, warmUp: 50, attentions: [], again: false },
		},
		rows: [row("full", 19, 2), row("linear", 24, 0.5), row("ssd", 17, 2.5, true)],
	});
	expect(tables[0]).toContain("| full | 19.0 | 36.37 (Transformer) | 2.100 | 0.50 | 1.0 | a full |");
	expect(tables[0]).toContain("| ssd | 17.0 |  | 2.100 | 0.40 | 0.80 | a ssd, causal |");
	expect(findings).toEqual([
		"The most frequent value is right for 18.0 %; after 200 steps 1 of 3 mechanisms are more than 2 points above that, the best of them all linear with 24.0 %.",
		"1 of 2 train faster than exact attention, the fastest linear (4.0 times).",
		"Not faster at these lengths: ssd.",
	]);
});

it("makes every mechanism at the length of the data set, each under a name of its own", () => {
	for (const { create } of mechanisms) expect(create(2048).description).not.toBe("");
	expect(new Set(mechanisms.map(({ name }) => name)).size).toBe(mechanisms.length);
});
