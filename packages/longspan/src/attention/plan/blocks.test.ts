import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BlockRange, blockPlan } from "./blocks.js";
import { bandPlan } from "./builders.js";
import { gatherPlan } from "./gather.js";
import { joinPlans } from "./join.js";
import { lastRows } from "./last-rows.js";
import { forEachPair, planStatistics } from "./statistics.js";
import { ruleShows, type TilePlan, type TileRule, tileSize } from "./tile-plan.js";

/** How often each pair counts, by "row,column". */
function countsOf(plan: TilePlan): Record<string, number> {
	const counts: Record<string, number> = {};
	plan.runs.forEach((list, tile) => {
		for (const run of list) {
			const { logWeight = 0 } = plan.rules[run.rule] as TileRule;
			forEachPair({ ...plan, runs: plan.runs.map((_, other) => (other === tile ? [run] : [])) }, (row, column) => {
				const pair = `${row},${column}`;
				counts[pair] = (counts[pair] ?? 0) + Math.round(Math.exp(logWeight));
			});
		}
	});
	return counts;
}

const anyBlocks = fc.record({
	rows: fc.integer({ min: 1, max: 200 }),
	columns: fc.integer({ min: 1, max: 200 }),
	rowBlock: fc.constantFrom(1, 7, 16, 24, 64, 100, 128),
	columnBlock: fc.constantFrom(3, 16, 64, 65, 128),
	ranges: fc.array(fc.tuple(fc.nat(12), fc.nat(12)), { maxLength: 4 }),
	reversed: fc.boolean(),
	rule: fc.constantFrom<TileRule>({}, { maxOffset: 0 }, { minOffset: -9, notSelf: true }),
});

describe("blockPlan", () => {
	it("shows each pair as often as its blocks are named", () => {
		fc.assert(
			fc.property(anyBlocks, ({ rows, columns, rowBlock, columnBlock, ranges, reversed, rule }) => {
				const blocks = Math.ceil(columns / columnBlock);
				const sees = (block: number): BlockRange[] =>
					ranges.map(([a, b]) => {
						const [first, last] = [(a + block) % blocks, b % blocks];
						return first <= last ? { first, last } : { first: last, last: first };
					});
				const order = (length: number) => Array.from({ length }, (_, at) => (reversed ? length - 1 - at : at));
				const lists = reversed ? { rowList: order(rows), columnList: order(columns) } : {};
				const plan = blockPlan({ rows, columns, rowBlock, columnBlock, sees, rule, ...lists });
				const expected: Record<string, number> = {};
				order(rows).forEach((row, rowSlot) => {
					for (const { first, last } of sees(Math.floor(rowSlot / rowBlock)))
						order(columns).forEach((column, columnSlot) => {
							const block = Math.floor(columnSlot / columnBlock);
							if (block < first || block > last || !ruleShows(rule, 0, 0, row, column, 0)) return;
							expected[`${row},${column}`] = (expected[`${row},${column}`] ?? 0) + 1;
						});
				});
				expect(countsOf(plan)).toEqual(expected);
			}),
			{ numRuns: 150 },
		);
	});

	it("needs no bitmap where blocks are tiles, and grows with the length", () => {
		const local = (n: number) =>
			blockPlan({ rows: n, columns: n, rowBlock: 128, sees: (c) => [{ first: Math.max(0, c - 1), last: c }] });
		expect(local(4096).rules).toEqual([{}]);
		expect(planStatistics(local(4096)).tiles).toBe(64 * 4 - 4);
		const cut = (n: number) => blockPlan({ rows: n, columns: n, rowBlock: 24, sees: (c) => [{ first: c, last: c }] });
		// The cuts repeat every 3 tiles.
		expect(cut(64 * 300).rules.length).toBeLessThan(12);
	});

	it("refuses blocks that do not exist", () => {
		expect(() => blockPlan({ rows: 9, columns: 9, rowBlock: 3, sees: () => [{ first: 0, last: 3 }] })).toThrow(
			/sees the blocks 0 to 3; there are 3/,
		);
		expect(() => blockPlan({ rows: 9, columns: 9, rowBlock: 0, sees: () => [] })).toThrow(/rowBlock is 0/);
	});
});

describe("joinPlans", () => {
	it("shows the pairs of all plans, a pair of two twice", () => {
		const band = bandPlan({ rows: 150, columns: 150, minOffset: -5, maxOffset: 5 });
		const some = gatherPlan({ rows: 150, columns: 150, columnList: [149, 3, 70] });
		const expected = countsOf(band);
		for (const [pair, count] of Object.entries(countsOf(some))) expected[pair] = (expected[pair] ?? 0) + count;
		const joined = joinPlans(band, some);
		expect(countsOf(joined)).toEqual(expected);
		expect(planStatistics(joined).tiles).toBe(planStatistics(band).tiles + planStatistics(some).tiles);
		expect(() => joinPlans(band, gatherPlan({ rows: 150, columns: 150, rowList: [1], columnList: [2] }))).toThrow(
			/different rows/,
		);
	});
});

describe("lastRows", () => {
	it("keeps the pairs of the last queries only", () => {
		const band = bandPlan({ rows: 200, columns: 200, minOffset: -9, maxOffset: 0 });
		const expected = Object.fromEntries(
			Object.entries(countsOf(band)).filter(([pair]) => Number(pair.split(",")[0]) >= 131),
		);
		const last = lastRows(band, 131);
		expect(countsOf(last)).toEqual(expected);
		expect(last.runs.length).toBe(Math.ceil(200 / tileSize) - 2);
	});
});
