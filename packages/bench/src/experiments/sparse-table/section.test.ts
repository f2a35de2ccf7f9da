import { expect, it } from "vitest";
import { machineFacts } from "../../machine.js";
import { type Pattern, type Row, section } from "./section.js";

const row = (pattern: Pattern, secondsPerStep: number, bits: number): Row => ({
	...{ length: 12_288, pattern, secondsPerStep, bytes: 2_500_000 },
	loss: 3,
	heldOutLoss: bits * Math.LN2,
});

it("has time and loss beside dense attention, and the published factors", () => {
	const { tables, findings, method } = section({
		...{ experiment: "sparse-table", date: "2026-11-30", machine: machineFacts(), device: "test", seed: 0, seconds: 1 },
		settings: {
			...{ lengths: [12_288], tokens: 12_288, steps: 100, layers: 2, dim: 128, heads: 4, stride: 128, summary: 32 },
			...{ learningRate: 2e-3, data: undefined },
		},
		rows: [row("dense", 5, 3.5), row("fixed", 2, 3.4), row("strided", 1, 3.6)],
	});
	expect(tables[0]).toContain("| 12,288 | fixed | 2.0 | 2.5 | 2.4 | 3.400 |");
	expect(findings[0]).toBe(
		"At 12,288 a step is, beside dense attention, 2.5 times as fast with fixed and 5.0 times as fast with strided.",
	);
	expect(findings[1]).toContain(
		"lowest with fixed; dense is 0.100 bits per byte above it and strided is 0.200 bits per byte above it",
	);
	expect(method).toContain("this project's sources and documents, 2,500,000 bytes");
});
