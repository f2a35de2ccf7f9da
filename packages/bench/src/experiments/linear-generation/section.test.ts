import { expect, it } from "vitest";
import { machineFacts } from "../../machine.js";
import { type Row, section } from "./section.js";

const row = (position: number, recomputed: number, cache: number): Row => ({
	position,
	recomputed: { milliseconds: recomputed, calls: recomputed > 1000 ? 1 : 9 },
	cache: { milliseconds: cache, bytes: 1000 * position },
	linear: { milliseconds: 2, bytes: 5e5 },
});
const sectionOf = (rows: readonly Row[]) =>
	section({
		experiment: "linear-generation",
		date: "2026-11-30",
		machine: machineFacts(),
		device: "test",
		seed: 0,
		settings: { positions: [], layers: 8, heads: 8, headDim: 32, vocabulary: 256, seconds: 1 },
		seconds: 1,
		rows,
	});

it("names the position from which on the claim holds, and the factor over the cache there", () => {
	const { tables, findings, method } = sectionOf([row(1024, 200, 1.5), row(8192, 2400, 3), row(16_384, 8000, 5)]);
	expect(findings[0]).toBe(
		"The state is at least 1,000 times as fast as recomputing from position 8,192 on: 1,200 times there, but only 1.5 times as fast as the cache.",
	);
	expect(findings[1]).toContain("ahead from position 8,192 on, and 2.5 times as fast at 16,384");
	expect(findings[2]).toContain("The state's speed at 16,384 is 1.0 of that at 1,024");
	expect(tables[0]).toContain("| 8,192 | 0.42 | 333 | 500 | 1,200 | 1.5 | 8.2 MB | 500 kB |");
	expect(method).toContain("8 layers with 8 heads of 32 channels");
});

it("says where the claim does not hold", () => {
	const { findings } = sectionOf([row(1024, 200, 1.5), row(2048, 400, 1.8)]);
	expect(findings[0]).toBe(
		"The state does not become 1,000 times as fast as recomputing up to position 2,048, where the factor is 200.",
	);
	expect(findings[1]).toContain("A cache is as fast or faster at 2,048: the state has 0.90 times its speed there");
});
