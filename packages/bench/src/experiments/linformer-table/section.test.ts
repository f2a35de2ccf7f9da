import { expect, it } from "vitest";
import { machineFacts } from "../../machine.js";
import { extrapolated } from "./extrapolate.js";
import { published, publishedMemory, publishedSpeed } from "./published.js";
import { type Row, section } from "./section.js";

const cell = (milliseconds: number, bytes: number) => ({ milliseconds, bytes, calls: 3 });
const row = (length: number, exact: number, ...own: readonly number[]): Row => ({
	length,
	exact: { ...cell(exact, 100 * length), extrapolated: false },
	linformer: own.map((milliseconds, at) => ({ slots: 128 * 2 ** at, ...cell(milliseconds, 80 * length) })),
});

it("time is extrapolated as a n + b n²", () => {
	const time = (n: number) => 2 * n + 0.01 * n * n;
	const rows = [row(512, time(512)), row(1024, time(1024))];
	expect(extrapolated(rows, 4096)).toBeCloseTo(time(4096), 6);
});

it("the paper has a cell for every k of at most half the length", () => {
	for (const table of [publishedSpeed, publishedMemory]) {
		expect(published(table, 512, 256)).toBeDefined();
		expect(published(table, 512, 512)).toBeUndefined();
		expect(Object.values(table).flat()).toHaveLength(2 + 3 + 4 + 5 * 5);
	}
	expect(published(publishedSpeed, 65_536, 2048)).toBe(7.9);
});

it("the tables show our factors beside the published ones", () => {
	const { tables, findings } = section({
		experiment: "linformer-table",
		date: "2026-11-30",
		machine: machineFacts(),
		device: "test",
		seed: 0,
		settings: { lengths: [512, 1024], slots: [128, 256], exactTo: 1024, heads: 2, headDim: 8, seconds: 1 },
		seconds: 1,
		rows: [row(512, 10, 5, 20), row(1024, 40, 10, 16)],
	});
	expect(tables[0]).toContain("| 512 | 10 | 2.0 (1.5) | 0.50 (1.3) |");
	expect(tables[0]).toContain("| 1,024 | 40 | 4.0 (1.7) | 2.5 (1.6) |");
	expect(tables[1]).toContain("| 512 | 51 kB | 1.3 | 1.3 |");
	expect(findings).toEqual([
		"At n = 1,024 and k = 128 Linformer is 4.0 times as fast (published: 1.7).",
		"Its speed-up is at least the published one in 3 of 4 cells.",
		"It is slower than exact attention at n = 512, k = 256.",
		expect.stringContaining("falls by a factor of 1.3"),
	]);
});
