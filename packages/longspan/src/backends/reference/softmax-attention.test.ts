import { describe, expect, it } from "vitest";
import { bandPlan, causalPlan, encodePlans, fullPlan, gatherPlan, type TilePlan } from "../../attention/plan/index.js";
import { mergeCase } from "../../testing/cases/merge-softmax.js";
import {
	mixedPlan,
	randomBitmap,
	type SoftmaxAttentionOptions,
	shuffled,
	softmaxAttentionCase,
} from "../../testing/cases/softmax-attention.js";
import { checkGradient } from "../../testing/check-gradient.js";
import { integersBetween } from "../../testing/random-values.js";
import { runInFloat64 } from "../../testing/run-in-float64.js";
import { createReferenceBackend } from "./index.js";
import { forEachQuery } from "./visible-keys.js";

/** Visible keys of every query of the plan of a head, as text: "query: keys (weights)". */
function pairs(plan: TilePlan, isHidden = (_: number) => false): Map<number, readonly number[]> {
	const seen = new Map<number, readonly number[]>();
	const plans = encodePlans({ plans: [plan], headMap: [0] });
	const walk = { plans, head: 0, queryLength: plan.rows, keyLength: plan.columns, isHidden };
	forEachQuery(walk, (query, keys) => {
		expect(seen.has(query)).toBe(false);
		seen.set(query, keys.positions);
	});
	return seen;
}

/** What `pairs` must be by a test of every pair. */
function expectPairs(plan: TilePlan, isVisible: (query: number, key: number) => boolean): void {
	const seen = pairs(plan);
	for (let query = 0; query < plan.rows; query++) {
		const expected = Array.from({ length: plan.columns }, (_, key) => key).filter((key) => isVisible(query, key));
		expect(
			Array.from(seen.get(query) ?? []).sort((a, b) => a - b),
			`query ${query}`,
		).toEqual(expected);
	}
}

describe("pairs of a plan", () => {
	const [rows, columns] = [150, 200];
	const oneRule = (rule: TilePlan["rules"][number]): TilePlan => ({ ...fullPlan(rows, columns), rules: [rule] });

	it("a full plan ends with the lengths", () => {
		expectPairs(fullPlan(rows, columns), () => true);
	});

	it("a band", () => {
		expectPairs(bandPlan({ rows, columns, minOffset: -30, maxOffset: 5 }), (r, c) => c - r >= -30 && c - r <= 5);
	});

	it("a modulus, also of negative offsets", () => {
		expectPairs(oneRule({ modulus: 7 }), (r, c) => (c - r + 700) % 7 === 0);
	});

	it("not self", () => {
		expectPairs(oneRule({ notSelf: true }), (r, c) => r !== c);
	});

	it("a bitmap for every tile of a run", () => {
		const bitmap = randomBitmap(4);
		// Every row tile has the same run, so the same four bitmaps.
		expectPairs(oneRule({ bitmap }), (r, c) => {
			const word = bitmap[(c >> 6) * 128 + (r & 63) * 2 + ((c & 63) >> 5)]!;
			return ((word >>> (c & 31)) & 1) === 1;
		});
	});

	it("orders test original positions", () => {
		const rule = { minOffset: -20, maxOffset: 9 };
		const plan = gatherPlan({ rows, columns, rowList: shuffled(rows, 1), columnList: shuffled(columns, 2), rule });
		expectPairs(plan, (r, c) => c - r >= -20 && c - r <= 9);
	});

	it("lists leave queries out and may count keys twice", () => {
		const plan = gatherPlan({ rows, columns, rowList: [7, 3], columnList: [5, 1, 5] });
		expect([...pairs(plan)]).toEqual([
			[7, [5, 1, 5]],
			[3, [5, 1, 5]],
		]);
	});

	it("hidden keys", () => {
		expect(pairs(fullPlan(1, 5), (key) => key % 2 === 0).get(0)).toEqual([1, 3]);
	});

	it("an empty row tile sees nothing", () => {
		const seen = pairs(mixedPlan(250, 300));
		expect(seen.get(63)!.length).toBeGreaterThan(0);
		expect(seen.get(64)).toEqual([]);
	});
});

function attention(options: Omit<SoftmaxAttentionOptions, "name">) {
	return softmaxAttentionCase({ name: "", ...options });
}

/** Inputs of a case replaced by these values. */
function withInputs(test: ReturnType<typeof attention>, values: Record<string, readonly number[]>) {
	const inputs = { ...test.inputs };
	for (const [name, replacement] of Object.entries(values)) inputs[name] = { ...inputs[name]!, values: replacement };
	return { ...test, inputs };
}

describe("softmaxAttention", () => {
	it("weighs values by softmax", async () => {
		const test = attention({ plans: [fullPlan(1, 2)], headDim: 1, valueDim: 2, scale: 0.5 });
		// Scores 0 and ln 3: weights 1/4 and 3/4.
		const { out, logSumExp } = await runInFloat64(withInputs(test, { q: [2], k: [0, Math.log(3)], v: [4, 0, 8, 100] }));
		expect(Array.from(out!)).toEqual([7, 75].map((value) => expect.closeTo(value, 12)));
		expect(logSumExp![0]).toBeCloseTo(Math.log(4), 14);
	});

	it("gives 0 and -Infinity to queries that see nothing or are left out", async () => {
		const plan = gatherPlan({ rows: 3, columns: 4, rowList: [2, 1], rule: { maxOffset: -2 } });
		const { out, logSumExp, dq } = await runInFloat64(attention({ plans: [plan], headDim: 2 }));
		expect(Array.from(out!).slice(0, 4)).toEqual([0, 0, 0, 0]);
		expect(Array.from(logSumExp!).slice(0, 2)).toEqual([-Infinity, -Infinity]);
		expect(logSumExp![2]).toBeGreaterThan(-Infinity);
		expect(Array.from(dq!).slice(0, 4)).toEqual([0, 0, 0, 0]);
	});

	it("a log weight counts a key as often as listing it", async () => {
		const listed = gatherPlan({ rows: 5, columns: 9, columnList: Array.from({ length: 27 }, (_, i) => i % 9) });
		const weighted: TilePlan = { ...fullPlan(5, 9), rules: [{ logWeight: Math.log(3) }] };
		const a = await runInFloat64(attention({ plans: [listed] }));
		const b = await runInFloat64(attention({ plans: [weighted] }));
		for (const name of ["out", "logSumExp", "dq", "dk", "dv"]) {
			// The weight is a float32 in the plan.
			const expected = Array.from(b[name]!, (value) => expect.closeTo(value, 6));
			expect(Array.from(a[name]!), name).toEqual(expected);
		}
	});

	it("a mask hides keys of its batch entry, whatever they hold", async () => {
		const keyMask = [1, 1, 0, 1, 1, 1];
		const test = attention({ plans: [fullPlan(2, 3)], batch: 2, headDim: 2, keyMask, poisonedKeys: [2] });
		const { out, dv } = await runInFloat64(test);
		expect(Array.from(out!).map(Number.isNaN)).toEqual([false, false, false, false, true, true, true, true]);
		expect(Array.from(dv!).slice(4, 6)).toEqual([0, 0]);
	});

	it("takes the plan of each head", async () => {
		const plans = [causalPlan(6), fullPlan(6, 6)];
		const both = await runInFloat64(attention({ plans, headMap: [1, 0], heads: 2, headDim: 4 }));
		const full = await runInFloat64(attention({ plans: [plans[1]!], heads: 2, headDim: 4 }));
		const causal = await runInFloat64(attention({ plans: [plans[0]!], heads: 2, headDim: 4 }));
		const half = 6 * 4;
		expect(Array.from(both.out!)).toEqual([
			...Array.from(full.out!).slice(0, half),
			...Array.from(causal.out!).slice(half),
		]);
	});

	it("counts tiles and visible pairs", async () => {
		const backend = createReferenceBackend();
		const run = attention({ plans: [causalPlan(130)], headDim: 4, valueDim: 6, heads: 2 });
		const buffers: Record<string, ReturnType<typeof backend.createBuffer>> = {};
		for (const [name, { dtype, values }] of Object.entries(run.inputs)) {
			buffers[name] = backend.createBuffer(dtype, values.length);
			backend.write(buffers[name], values);
		}
		for (const [name, { dtype, length }] of Object.entries(run.outputs))
			buffers[name] = backend.createBuffer(dtype, length);
		run.run(backend, buffers);
		const visible = (130 * 131) / 2;
		// Forward and gradient visit the 1 + 2 + 3 tiles of two heads each.
		expect(backend.workStats().tiles).toBe(2 * 2 * 6);
		expect(backend.workStats().flops).toBe(2 * 2 * visible * (4 + 6 + 3 * 4 + 2 * 6));
		expect(backend.workStats().kernels).toBe(2);
	});
});

describe("gradients", () => {
	const small = { headDim: 3, valueDim: 2 };
	const cases: Omit<SoftmaxAttentionOptions, "name">[] = [
		{ ...small, plans: [fullPlan(4, 5)], heads: 2, batch: 2 },
		{ ...small, plans: [causalPlan(70)], sumGradient: false },
		{ ...small, plans: [bandPlan({ rows: 80, columns: 80, minOffset: 70 })] },
		{ ...small, plans: [mixedPlan(193, 257)] },
		{ ...small, plans: [gatherPlan({ rows: 9, columns: 8, rowList: [8, 2], columnList: [1, 7, 1] })], heads: 2 },
		{ ...small, plans: [causalPlan(9)], batch: 2, keyMask: integersBetween(18, 3, 0, 2), scale: -2 },
	];

	it.each(cases.map((options) => [attention(options).name, options] as const))("%s", async (_, options) => {
		await checkGradient(attention(options));
	});
});

describe("mergeSoftmax", () => {
	it("of attention over two halves is attention over all keys", async () => {
		const half = (columnList: number[]) => attention({ plans: [gatherPlan({ rows: 3, columns: 8, columnList })] });
		const a = await runInFloat64(half([0, 3, 4]));
		const b = await runInFloat64(half([1, 2, 5, 6, 7]));
		const all = await runInFloat64(attention({ plans: [fullPlan(3, 8)] }));
		const inputs = { a: a.out!, aSum: a.logSumExp!, b: b.out!, bSum: b.logSumExp! };
		const lists = Object.entries(inputs).map(([name, values]) => [name, Array.from(values)] as const);
		const merged = await runInFloat64(withInputs(mergeCase(3, 16, true), Object.fromEntries(lists)));
		const close = (values: ArrayLike<number>) => Array.from(values, (value) => expect.closeTo(value, 13));
		expect(Array.from(merged.out!)).toEqual(close(all.out!));
		expect(Array.from(merged.sum!)).toEqual(close(all.logSumExp!));
	});

	it("has gradients", async () => {
		await checkGradient(mergeCase(3, 4, true, false));
		await checkGradient(mergeCase(3, 4, false, false));
	});

	it("leaves rows that see nothing empty", async () => {
		const { out, sum, da, daSum } = await runInFloat64(mergeCase(14, 2, true));
		// Row 1 and 13 are hidden in both parts.
		expect([sum![1], sum![13], out![2], out![26], da![2], daSum![1]]).toEqual([-Infinity, -Infinity, 0, 0, 0, 0]);
	});
});
