import { expect, it } from "vitest";
import { machineFacts } from "../../machine.js";
import { type Row, section } from "./section.js";

const row = (length: number, rounds: number, milliseconds: number): Row => ({
	length,
	rounds,
	forward: { milliseconds: milliseconds / 2, calls: 3 },
	both: { milliseconds, calls: milliseconds > 500 ? 1 : 3 },
});

it("tells times per token, how they grow, and from which length on LSH attention is faster", () => {
	const { tables, findings, method } = section({
		experiment: "reformer-speed",
		date: "2026-11-30",
		machine: machineFacts(),
		device: "test",
		seed: 0,
		settings: {
			tokens: 2000,
			lengths: [500, 1000, 2000],
			rounds: [1, 8],
			heads: 8,
			headDim: 64,
			chunk: 64,
			seconds: 1,
		},
		seconds: 1,
		rows: [
			...[row(500, 0, 100), row(500, 1, 80), row(500, 8, 400)],
			...[row(1000, 0, 200), row(1000, 1, 80), row(1000, 8, 400)],
			...[row(2000, 0, 600), row(2000, 1, 88), row(2000, 8, 400)],
		],
	});
	expect(tables[1]).toContain("| length | full | LSH-1 | LSH-8 |");
	expect(tables[1]).toContain("| 2,000 | 300 | 44 | 200 |");
	expect(tables[0]).toContain("| 2,000 | 150 | 22 | 100 |");
	expect(method).toContain("batches of 2,000 tokens");
	expect(findings[0]).toMatch(/: full 6\.0, LSH-1 1\.1 and LSH-8 1\.0\.$/);
	expect(findings[1]).toMatch(/: LSH-1 from 500 on and LSH-8 from 2,000 on\.$/);
	expect(findings[2]).toMatch(/: LSH-1 6\.8 and LSH-8 1\.5\.$/);
});
