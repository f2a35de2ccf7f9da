import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blockPlan } from "./blocks.js";
import { lastRows } from "./last-rows.js";
import { forEachPair, planStatistics } from "./statistics.js";
import { stridedPlan } from "./strided.js";
import type { TilePlan } from "./tile-plan.js";

/** Expects a plan to show exactly the pairs of a rule, each once, and to be counted right. */
function expectPairs(plan: TilePlan, sees: (i: number, j: number) => boolean): void {
	const counts = new Uint8Array(plan.rows * plan.columns);
	forEachPair(plan, (i, j) => (counts[i * plan.columns + j] as number)++);
	let visible = 0;
	counts.forEach((count, at) => {
		const [i, j] = [Math.floor(at / plan.columns), at % plan.columns];
		visible += count;
		if (count !== Number(sees(i, j))) throw new Error(`query ${i}, key ${j} is visible ${count} times`);
	});
	expect(planStatistics(plan).activePairs).toBe(visible);
}

const bound = fc.option(fc.integer({ min: -5, max: 5 }), { nil: undefined });

describe("stridedPlan", () => {
	it("shows the keys at multiples of the stride, within bounds", () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 300 }),
				fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 320 })),
				bound,
				bound,
				fc.boolean(),
				(length, stride, minStep, maxStep, notSelf) => {
					const plan = stridedPlan({ length, stride, minStep, maxStep, notSelf });
					expectPairs(plan, (i, j) => {
						const step = (j - i) / stride;
						if (!Number.isInteger(step) || (notSelf && step === 0)) return false;
						return step >= (minStep ?? step) && step <= (maxStep ?? step);
					});
				},
			),
			{ numRuns: 200 },
		);
	});

	it("visits about as many tiles as each class of remainders needs", () => {
		const { tiles } = planStatistics(stridedPlan({ length: 16384, stride: 128, maxStep: 0 }));
		expect(tiles).toBe(128 * 3);
	});
});

describe("planStatistics", () => {
	it("counts the pairs of bitmaps in filled slots only", () => {
		const plan = blockPlan({ rows: 150, columns: 150, rowBlock: 20, sees: (block) => [{ first: 0, last: block }] });
		const sees = (i: number, j: number) => Math.floor(j / 20) <= Math.floor(i / 20);
		expectPairs(plan, sees);
		expectPairs(lastRows(plan, 37), (i, j) => i >= 37 && sees(i, j));
	});
});
