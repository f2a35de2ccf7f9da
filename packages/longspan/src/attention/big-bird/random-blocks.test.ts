import { describe, expect, it } from "vitest";
import { BlockLayout } from "./layout.js";
import { unbiasedTable, zeroTable } from "./random-blocks.js";
import { type ReleasedSettings, releasedTable } from "./released-blocks.js";

const released = (length: number, seed: number, heads: number, others: Partial<ReleasedSettings> = {}) => {
	const blockSize = others.blockSize ?? 64;
	return releasedTable({
		...{ heads, blocks: length / blockSize, blockSize, randomBlocks: 3, seed, maxLength: 4096 },
		...{ tableLengths: [1024, 2048, 3072, 4096], ...others },
	});
};

describe("random blocks of the released code", () => {
	it("for lengths with a table are those drawn by NumPy", () => {
		const zero = released(4096, 0, 1)[0]!;
		expect(zero.length).toBe(62);
		expect(zero.slice(0, 6)).toEqual([
			[9, 14, 7],
			[9, 6, 7],
			[10, 5, 14],
			[6, 8, 12],
			[2, 13, 1],
			[4, 11, 3],
		]);
		expect(zero[61]).toEqual([6, 12, 5]);
		const one = released(4096, 1, 1)[0]!;
		expect(one.slice(0, 6)).toEqual([
			[5, 6, 7],
			[5, 11, 4],
			[15, 9, 7],
			[10, 12, 6],
			[3, 14, 8],
			[11, 13, 12],
		]);
		expect(one[61]).toEqual([3, 11, 13]);
		const seven = released(4096, 7, 12);
		expect(seven[0]![0]).toEqual([11, 13, 5]);
		expect(seven[0]![5]).toEqual([13, 3, 12]);
		expect(seven[11]![61]).toEqual([14, 2, 9]);
		// Shorter lengths take the first rows.
		expect(released(1024, 7, 12)).toEqual(seven.map((rows) => rows.slice(0, 14)));
	});

	it("for other lengths are those drawn by NumPy, all heads of a row together", () => {
		const five = released(1280, 5, 12);
		expect(five[0]![0]).toEqual([5, 8, 4]);
		expect(five[3]![10]).toEqual([3, 8, 7]);
		expect(five[11]![17]).toEqual([8, 6, 1]);
		const zero = released(1280, 0, 2);
		expect(zero[0]!.length).toBe(18);
		expect(zero[0]!.slice(0, 6)).toEqual([
			[4, 6, 7],
			[6, 7, 9],
			[8, 9, 5],
			[2, 6, 7],
			[8, 1, 2],
			[3, 8, 9],
		]);
		expect(zero[1]!.slice(0, 3)).toEqual([
			[3, 5, 4],
			[7, 6, 9],
			[1, 7, 8],
		]);
		expect(released(2048, 0, 2, { tableLengths: [1024, 3072, 4096] })).not.toEqual(released(2048, 0, 2));
	});

	it("lie where the code of either kind draws them", () => {
		expect(Math.max(...released(4096, 3, 4).flat(2))).toBe(15);
		expect(Math.max(...released(1280, 3, 4).flat(2))).toBe(2 * 3 + 3);
	});

	it("are as many as are legal where the code fails for want of blocks", () => {
		for (const randomBlocks of [1, 2, 3, 5])
			for (let blocks = 5; blocks < 2 * randomBlocks + 9; blocks++) {
				const table = released(blocks * 8, 1, 2, { blockSize: 8, randomBlocks, tableLengths: [] });
				for (const rows of table) {
					expect(rows.length).toBe(blocks - 2);
					rows.forEach((drawn, row) => {
						expect(new Set(drawn).size).toBe(drawn.length);
						expect(drawn.length).toBeLessThanOrEqual(randomBlocks);
						for (const block of drawn) {
							expect(Math.abs(block - (row + 1))).toBeGreaterThan(1);
							expect(block).toBeLessThan(blocks);
						}
					});
					if (blocks > 2 * randomBlocks + 5) expect(rows.every(({ length }) => length === randomBlocks)).toBe(true);
				}
			}
	});
});

describe("random blocks without bias", () => {
	const layout = new BlockLayout(900, 10, 3, 2);

	it("are different, outside of window and global blocks, and spread over all others", () => {
		const counts = new Array(90).fill(0);
		for (let seed = 0; seed < 40; seed++)
			unbiasedTable(layout, 2, 3, seed).forEach((rows) => {
				expect(rows.length).toBe(88);
				rows.forEach((drawn, row) => {
					expect(new Set(drawn).size).toBe(3);
					for (const block of drawn) {
						expect(layout.fixedBlocks(row + 1)).not.toContain(block);
						counts[block]++;
					}
				});
			});
		expect(counts[0] + counts[89]).toBe(0);
		// 80 tables of 88 rows with 3 of 85 or 86 legal blocks each: 240 of every block.
		for (const count of counts.slice(1, 89)) expect(Math.abs(count - 240)).toBeLessThan(80);
	});

	it("are all legal ones where those are few", () => {
		const small = new BlockLayout(70, 10, 3, 2);
		expect(unbiasedTable(small, 1, 9, 0)[0]!.map((drawn) => [...drawn].sort())).toEqual([
			[3, 4, 5],
			[4, 5],
			[1, 5],
			[1, 2],
			[1, 2, 3],
		]);
	});

	it("are the same for the same seed, and others for another head or seed", () => {
		const table = unbiasedTable(layout, 2, 3, 4);
		expect(unbiasedTable(layout, 2, 3, 4)).toEqual(table);
		expect(table[0]).not.toEqual(table[1]);
		expect(unbiasedTable(layout, 2, 3, 5)).not.toEqual(table);
	});

	it("may be replaced by the first block", () => {
		expect(zeroTable(layout, 2, 3)[1]![87]).toEqual([0, 0, 0]);
	});
});
