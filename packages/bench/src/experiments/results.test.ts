import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { machineFacts } from "../machine.js";
import type { Results } from "./experiment.js";
import { readSameResults, writeResults } from "./results.js";

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "longspan-results-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const results: Results = {
	experiment: "a-test",
	date: "2026-11-30",
	machine: { ...machineFacts(), load: 0.1 },
	device: "a device",
	seed: 4,
	settings: { lengths: [1, 2], data: undefined },
	seconds: 250,
	rows: [7],
};

it("finds the rows of a run with the same settings, whenever and under whatever load it was", () => {
	const path = join(folder, "same.json");
	writeResults(path, results);
	const later = { ...results, date: "2026-12-01", machine: { ...results.machine, load: 2 }, rows: [], seconds: 0 };
	expect(readSameResults(path, later)).toMatchObject({ rows: [7], seconds: 250 });
	for (const other of [{ seed: 5 }, { settings: { lengths: [1] } }, { device: "another" }, { experiment: "b-test" }])
		expect(readSameResults(path, { ...later, ...other })).toBeUndefined();
});

it("finds none where there is no file or none that can be read", () => {
	const path = join(folder, "broken.json");
	expect(readSameResults(path, results)).toBeUndefined();
	writeFileSync(path, "{");
	expect(readSameResults(path, results)).toBeUndefined();
});
