import { expect, it } from "vitest";
import { machineFacts } from "../../machine.js";
import { type Row, section } from "./section.js";

const row = (rounds: number, percents: readonly number[]): Row => ({
	rounds,
	loss: 0.01,
	secondsPerStep: 0.25,
	accuracies: [0, 8, 4, 2, 1].map((each, at) => ({ rounds: each, percent: percents[at] as number })),
});
const sectionOf = (rows: readonly Row[]) =>
	section({
		...{ experiment: "duplication", date: "2026-11-30", machine: machineFacts(), device: "test", seed: 0, seconds: 1 },
		settings: {
			...{ length: 256, steps: 400, batch: 8, dim: 256, heads: 4, layers: 1, chunk: 32 },
			...{ trained: [], evaluated: 64, learningRate: 1e-3, warmUp: 100 },
		},
		rows,
	});

it("has the paper's table with the published numbers, and the target", () => {
	const { tables, findings } = sectionOf([row(0, [100, 100, 99, 95, 80]), row(4, [100, 99.96, 99, 96, 81])]);
	expect(tables[0]).toContain("| LSH-4 | 100.0 (0.8) | 100.0 (100) | 99.0 (99.9) | 96.0 (99.4) | 81.0 (91.9) | 0.25 |");
	expect(tables[0]?.indexOf("| full |")).toBeLessThan(tables[0]?.indexOf("| LSH-4 |") as number);
	expect(findings[0]).toContain("100.0 % are right: the target of 99 % is reached");
	expect(findings[1]).toContain("80.0 % instead of 100.0 % trained with full and 81.0 % instead of 100.0 %");
	expect(findings[2]).toContain("100.0 % (LSH-4) are right, where the paper has 0.8 %: these models do not rely");
});

it("says what was not learned", () => {
	const { findings } = sectionOf([row(4, [0.8, 98.9, 98, 95, 80]), row(1, [0.8, 1, 1, 1, 1])]);
	expect(findings[0]).toContain("98.9 % are right: the target of 99 % is missed");
	expect(findings).toContain("Not learned in these steps: trained with LSH-1.");
	expect(findings.at(-1)).toContain("0.8 % (LSH-4) are right, where the paper has 0.8 %.");
});
