import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OptionError } from "../../errors.js";
import {
	assertDisjoint,
	bandPattern,
	bandPlan,
	causalPattern,
	causalPlan,
	dilatedBandPlan,
	encodePlans,
	forEachPair,
	fullPlan,
	gatherPlan,
	pattern,
	patternPlan,
	planStatistics,
	stridedPattern,
	type TilePlan,
	transposePlan,
	unionPlan,
} from "./index.js";

/** How often each pair is visible, by forEachPair. */
function pairsOf(plan: TilePlan): Map<string, number> {
	const counts = new Map<string, number>();
	forEachPair(plan, (i, j) => {
		const key = `${i},${j}`;
		counts.set(key, (counts.get(key) ?? 0) + 1);
	});
	return counts;
}

/** Expects a plan to show exactly the pairs of a rule, each once. */
function expectPairs(plan: TilePlan, sees: (i: number, j: number) => boolean): void {
	const counts = pairsOf(plan);
	let visible = 0;
	for (let i = 0; i < plan.rows; i++)
		for (let j = 0; j < plan.columns; j++) {
			const expected = sees(i, j) ? 1 : 0;
			visible += expected;
			if ((counts.get(`${i},${j}`) ?? 0) !== expected)
				throw new Error(`query ${i}, key ${j}: visible ${counts.get(`${i},${j}`) ?? 0} times, expected ${expected}`);
		}
	const statistics = planStatistics(plan);
	expect(statistics.activePairs).toBe(visible);
	expect(statistics.density).toBeCloseTo(visible / (plan.rows * plan.columns), 12);
}

const length = fc.integer({ min: 1, max: 300 });

describe("builders show exactly their pairs", () => {
	it("full", () => {
		fc.assert(
			fc.property(length, length, (rows, columns) => expectPairs(fullPlan(rows, columns), () => true)),
			{ numRuns: 12 },
		);
	});

	it("band", () => {
		const offset = fc.integer({ min: -150, max: 150 });
		fc.assert(
			fc.property(length, length, offset, offset, (rows, columns, minOffset, maxOffset) =>
				expectPairs(
					bandPlan({ rows, columns, minOffset, maxOffset }),
					(i, j) => j - i >= minOffset && j - i <= maxOffset,
				),
			),
			{ numRuns: 60 },
		);
	});

	it("causal, also with keys before the first query", () => {
		expectPairs(causalPlan(200), (i, j) => j <= i);
		expectPairs(causalPlan(3, 200), (i, j) => j <= i + 197);
		expectPairs(causalPlan(5, 256, 77), (i, j) => j <= i + 77);
	});

	it("dilated band", () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 20, max: 300 }),
				fc.integer({ min: 0, max: 70 }),
				fc.integer({ min: 1, max: 19 }),
				fc.boolean(),
				(n, window, dilation, causal) =>
					expectPairs(
						dilatedBandPlan({ length: n, window, dilation, causal }),
						(i, j) => (i - j) % dilation === 0 && Math.abs(i - j) <= window * dilation && (!causal || j <= i),
					),
			),
			{ numRuns: 60 },
		);
	});

	it("gather lists", () => {
		expectPairs(gatherPlan({ rows: 100, columns: 150, columnList: [0, 149, 70] }), (_, j) => [0, 149, 70].includes(j));
		expectPairs(gatherPlan({ rows: 100, columns: 150, rowList: [99, 3] }), (i) => [99, 3].includes(i));
		expectPairs(
			gatherPlan({ rows: 100, columns: 150, columnList: [5, 80], rule: { maxOffset: 0 } }),
			(i, j) => [5, 80].includes(j) && j <= i,
		);
		expectPairs(gatherPlan({ rows: 10, columns: 10, columnList: [] }), () => false);
		expect(pairsOf(gatherPlan({ rows: 1, columns: 9, columnList: [4, 4] })).get("0,4")).toBe(2);
	});

	it("patterns combined with and, or and not", () => {
		const blocks = pattern((i, j) => Math.floor(i / 10) === Math.floor(j / 10));
		const visible = causalPattern()
			.and(blocks.or(stridedPattern(16)).or(bandPattern(-3, 3)))
			.and(pattern((i, j) => i === j).not());
		expectPairs(
			patternPlan(150, 150, visible),
			(i, j) =>
				j <= i && i !== j && (Math.floor(i / 10) === Math.floor(j / 10) || (i - j) % 16 === 0 || Math.abs(i - j) <= 3),
		);
		expectPairs(patternPlan(70, 200, bandPattern(-5, 80).not()), (i, j) => j - i < -5 || j - i > 80);
	});

	it("union counts each pair once", () => {
		const union = unionPlan(
			bandPlan({ rows: 200, columns: 200, minOffset: -30, maxOffset: 0 }),
			patternPlan(200, 200, stridedPattern(8).and(causalPattern())),
			bandPlan({ rows: 200, columns: 200, minOffset: -5, maxOffset: 5 }),
		);
		expectPairs(union, (i, j) => (j <= i && j >= i - 30) || (j <= i && (i - j) % 8 === 0) || Math.abs(i - j) <= 5);
		expectPairs(unionPlan(fullPlan(130, 70), causalPlan(130, 70, 0)), () => true);
	});
});

describe("transpose", () => {
	const plans: TilePlan[] = [
		fullPlan(100, 200),
		causalPlan(200),
		bandPlan({ rows: 150, columns: 90, minOffset: -20, maxOffset: 3 }),
		dilatedBandPlan({ length: 200, window: 7, dilation: 3, causal: true }),
		gatherPlan({ rows: 100, columns: 70, rowList: [4, 90, 7], columnList: [1, 69] }),
		patternPlan(150, 140, stridedPattern(7).and(causalPattern())),
	];
	it.each(plans)("exchanges the sides of every pair (%#)", (plan) => {
		const turned = new Map(
			[...pairsOf(transposePlan(plan))].map(([key, count]) => [key.split(",").reverse().join(), count]),
		);
		expect(turned).toEqual(pairsOf(plan));
		expect(pairsOf(transposePlan(transposePlan(plan)))).toEqual(pairsOf(plan));
	});
});

describe("cost", () => {
	const tiles = (n: number, build: (n: number) => TilePlan) => planStatistics(build(n)).tiles;
	it("of a window grows with the length, and of a dilated one no faster", () => {
		for (const build of [
			(n: number) => bandPlan({ rows: n, columns: n, minOffset: -256, maxOffset: 256 }),
			(n: number) => dilatedBandPlan({ length: n, window: 256, dilation: 4, causal: false }),
		])
			expect(tiles(32768, build)).toBeLessThanOrEqual(2.05 * tiles(16384, build));
		expect(tiles(4096, (n) => dilatedBandPlan({ length: n, window: 256, dilation: 4, causal: true }))).toBeLessThan(
			1.2 * tiles(4096, (n) => bandPlan({ rows: n, columns: n, minOffset: -256, maxOffset: 0 })),
		);
	});

	it("in memory never grows with the square of the length", () => {
		const words = (n: number, build: (n: number) => TilePlan) =>
			encodePlans({ plans: [build(n)], headMap: [0] }).words.length;
		for (const build of [
			(n: number) => fullPlan(n, n),
			(n: number) => causalPlan(n),
			(n: number) => transposePlan(causalPlan(n)),
			(n: number) => transposePlan(fullPlan(n, n)),
		])
			expect(words(65536, build)).toBeLessThan(2.05 * words(32768, build));
	});

	it("of making a pattern with hints does not touch tiles outside of its reach", () => {
		let asked = 0;
		const counted = bandPattern(-10, 0).and(
			pattern(() => true, {
				box: () => {
					asked++;
					return "all";
				},
			}),
		);
		patternPlan(64 * 100, 64 * 100, counted);
		expect(asked).toBeLessThan(250);
	});
});

describe("bad input", () => {
	const failures: [string, () => unknown, RegExp][] = [
		["length 0", () => fullPlan(0, 3), /fullPlan: rows is 0/],
		["a fraction", () => bandPlan({ rows: 3, columns: 2.5 }), /bandPlan: columns is 2.5/],
		[
			"a listed key out of range",
			() => gatherPlan({ rows: 3, columns: 3, columnList: [3] }),
			/columnList\[0\] is 3; expected an integer from 0 to 2/,
		],
		["a query listed twice", () => gatherPlan({ rows: 3, columns: 3, rowList: [1, 1] }), /rowList names a query twice/],
		["a stride of 0", () => stridedPattern(0), /stride is 0/],
		["a union of different lengths", () => unionPlan(fullPlan(3, 3), fullPlan(4, 3)), /must agree/],
		[
			"a union of different orders",
			() => unionPlan(fullPlan(3, 3), gatherPlan({ rows: 3, columns: 3, rowList: [0] })),
			/merge them with mergeSoftmax/,
		],
		["a union of nothing", () => unionPlan(), /expected at least one/],
		[
			"plans that overlap",
			() => assertDisjoint(causalPlan(9), bandPlan({ rows: 9, columns: 9, minOffset: -1 })),
			/query 0 sees key 0 in more than one plan/,
		],
	];
	it.each(failures)("%s", (_, act, message) => {
		expect(act).toThrow(OptionError);
		expect(act).toThrow(message);
	});

	it("disjoint plans pass", () => {
		assertDisjoint(
			bandPlan({ rows: 99, columns: 99, maxOffset: -3 }),
			bandPlan({ rows: 99, columns: 99, minOffset: -2, maxOffset: 0 }),
		);
	});
});
