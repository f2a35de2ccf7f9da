import { expect, it } from "vitest";
import { machineFacts } from "../../machine.js";
import { contestantNames, type Row, section } from "./section.js";

const row = (contestant: string, length: number, milliseconds: number, peakBytes: number): Row => ({
	contestant,
	length,
	milliseconds,
	calls: 3,
	peakBytes,
});

it("tells times and memory by length, and what is missing", () => {
	const { ours, dense, transformers } = contestantNames;
	const { tables, findings } = section({
		experiment: "long-documents",
		date: "2026-11-30",
		machine: machineFacts(),
		device: "test",
		seed: 0,
		settings: {
			...{ lengths: [1024, 4096, 16_384], longestDense: 4096, seconds: 1 },
			...{ layers: 12, dim: 768, heads: 12, window: 512, vocabulary: 50_265 },
		},
		seconds: 1,
		rows: [
			...[row(ours, 1024, 1000, 1e9), row(ours, 4096, 4000, 2e9), row(ours, 16_384, 16_000, 4e9)],
			...[row(dense, 1024, 500, 1e9), row(dense, 4096, 6000, 1e9)],
			...[
				row(transformers, 1024, 3000, 2e9),
				row(transformers, 4096, 8000, 3e9),
				row(transformers, 16_384, 32_000, 8e9),
			],
		],
	});
	expect(tables[0]).toContain("| 4,096 | 4.0 | 6.0 | 8.0 |");
	expect(tables[0]).toContain("| 16,384 | 16 | – | 32 |");
	expect(tables[1]).toContain("| 16,384 | 4.0 GB | – | 8.0 GB |");
	expect(findings[0]).toContain("onnxruntime-node, dense: 0.50 at 1,024 and 1.5 at 4,096 tokens");
	expect(findings[2]).toContain("2.0 at 1,024, 1.5 at 4,096 and 2.0 at 16,384 tokens");
	expect(findings[3]).toContain("the power 1.0 of the length, its memory with 0.50");
});
