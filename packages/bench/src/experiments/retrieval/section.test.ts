import { expect, it } from "vitest";
import { machineFacts } from "../../machine.js";
import { type Pattern, type Row, section } from "./section.js";

const row = (pattern: Pattern, near: number, beyondPercent: number): Row => ({
	pattern,
	bands: [
		{ to: 64, percent: near },
		{ to: 192, percent: beyondPercent + 1 },
		{ to: 384, percent: beyondPercent },
	],
	beyondPercent,
	secondsPerStep: 0.5,
});

it("says what is solved beyond the reach of a window, and what is not", () => {
	const { tables, findings } = section({
		...{ experiment: "retrieval", date: "2026-11-30", machine: machineFacts(), device: "test", seed: 0, seconds: 1 },
		settings: {
			...{ length: 4096, startLength: 512, startSteps: 400, steps: 150, layers: 3, dim: 64, heads: 4, window: 64 },
			...{ randomBlocks: 3, keys: 8, values: 16, passage: 64, evaluated: 32, learningRate: 3e-3 },
		},
		rows: [row("window", 99, 6), row("window + global", 100, 99.5), row("window + random", 100, 80)],
	});
	expect(tables[0]).toContain("| attention | 1 to 64 | 65 to 192 | 193 to 384 | s per step |");
	expect(tables[0]).toContain("| window + global | 100.0 | 100.5 | 99.5 | 0.50 |");
	expect(findings).toEqual([
		"Farther than the 192 tokens it reaches, a window alone is right for 6.0 % (chance: 6.3 %).",
		"Solved there at the same depth, with at least 90 %: window + global 99.5 %.",
		"Not solved there: window + random 80.0 %.",
	]);
});
