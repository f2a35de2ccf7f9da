import { describe, expect, it } from "vitest";
import { type RunningStateOptions, runningStateCase } from "../../testing/cases/running-state.js";
import { checkGradient } from "../../testing/check-gradient.js";
import { runInFloat64 } from "../../testing/run-in-float64.js";

/** One head with these inputs and headDim 1 unless said otherwise. */
function withInputs(options: Partial<RunningStateOptions>, values: Record<string, readonly number[]>) {
	const length = values.q!.length / (options.headDim ?? 1);
	const test = runningStateCase({ batch: 1, heads: 1, headDim: 1, valueDim: 1, length, ...options });
	const inputs = { ...test.inputs };
	for (const [name, replacement] of Object.entries(values)) inputs[name] = { ...inputs[name]!, values: replacement };
	return { ...test, inputs };
}

describe("runningState", () => {
	const series = { q: [1, 2, 1], k: [1, 1, 2], v: [3, 5, 7] };

	it("adds up keys times values", async () => {
		const { out, finalSum } = await runInFloat64(withInputs({}, series));
		expect(Array.from(out!)).toEqual([3, 16, 22]);
		expect(Array.from(finalSum!)).toEqual([22]);
	});

	it("decays before it adds", async () => {
		const logDecay = [Math.log(0.5), Math.log(0.5), Math.log(0.25)];
		const test = withInputs({ decay: 1, initialState: true }, { ...series, logDecay, initialSum: [4] });
		const { out } = await runInFloat64(test);
		// States 4/2 + 3 = 5, 5/2 + 5 = 7.5, 7.5/4 + 14 = 15.875.
		expect(Array.from(out!)).toEqual([5, 15, 15.875].map((value) => expect.closeTo(value, 13)));
	});

	it("a decay of -Infinity starts anew", async () => {
		const logDecay = [0, -Infinity, 0];
		const { out, dLogDecay } = await runInFloat64(withInputs({ decay: 1 }, { ...series, logDecay }));
		expect(Array.from(out!)).toEqual([3, 10, 19]);
		expect(dLogDecay![1]).toBe(0);
	});

	it("divides by the normaliser plus epsilon", async () => {
		const test = withInputs(
			{ normalized: true, initialState: true },
			{ ...series, initialSum: [1], initialNormalizer: [2] },
		);
		const { out, denominator, finalNormalizer } = await runInFloat64(test);
		expect(Array.from(denominator!)).toEqual([3.001, 8.001, 6.001].map((value) => expect.closeTo(value, 13)));
		expect(Array.from(out!)).toEqual([4 / 3.001, 18 / 8.001, 23 / 6.001].map((value) => expect.closeTo(value, 13)));
		expect(Array.from(finalNormalizer!)).toEqual([6]);
	});

	it("has matrices for states", async () => {
		const test = withInputs({ headDim: 2, valueDim: 2 }, { q: [1, 0, 1, 10], k: [1, 2, 3, 4], v: [1, -1, 5, 6] });
		const { out, finalSum } = await runInFloat64(test);
		// States [[1, -1], [2, -2]] and [[16, 17], [22, 22]].
		expect(Array.from(out!)).toEqual([1, -1, 236, 237]);
		expect(Array.from(finalSum!)).toEqual([16, 17, 22, 22]);
	});

	it("continues where another call ended", async () => {
		const options = { batch: 1, heads: 1, headDim: 3, valueDim: 2, normalized: true, initialState: true, decay: 0.3 };
		const whole = runningStateCase({ ...options, length: 9 });
		const part = async (from: number, to: number, state: Record<string, readonly number[]>) => {
			const slice = (name: string, width: number) => whole.inputs[name]!.values.slice(from * width, to * width);
			const values = { q: slice("q", 3), k: slice("k", 3), v: slice("v", 2), logDecay: slice("logDecay", 1), ...state };
			return runInFloat64(withInputs({ ...options, length: to - from }, { ...values, dOut: slice("dOut", 2) }));
		};
		const initial = {
			initialSum: whole.inputs.initialSum!.values,
			initialNormalizer: whole.inputs.initialNormalizer!.values,
		};
		const first = await part(0, 4, initial);
		const state = { initialSum: Array.from(first.finalSum!), initialNormalizer: Array.from(first.finalNormalizer!) };
		const second = await part(4, 9, state);
		const { out } = await runInFloat64(whole);
		expect([...Array.from(first.out!), ...Array.from(second.out!)]).toEqual(Array.from(out!));
	});
});

describe("gradients", () => {
	const small = { batch: 1, heads: 2, headDim: 3, valueDim: 2, length: 11 };
	const cases: RunningStateOptions[] = [
		small,
		{ ...small, batch: 2, initialState: true, finalGradient: false },
		{ ...small, normalized: true },
		{ ...small, normalized: true, initialState: true },
		{ ...small, decay: 0.3, initialState: true },
		{ ...small, decay: 0.5, normalized: true, initialState: true },
		{ ...small, decay: 0.5, normalized: true, length: 1 },
	];

	it.each(cases.map((options) => [runningStateCase(options).name, options] as const))("%s", async (_, options) => {
		await checkGradient(runningStateCase(options));
	});

	it("does not pass a reset", async () => {
		const test = runningStateCase({ ...small, heads: 1, resets: [5], initialState: true, finalGradient: false });
		const late = test.inputs.dOut!.values.map((value, i) => (i < 5 * small.valueDim ? 0 : value));
		const inputs = { ...test.inputs, dOut: { ...test.inputs.dOut!, values: late } };
		const { dk, dv, dInitialSum } = await runInFloat64({ ...test, inputs });
		for (const values of [Array.from(dk!).slice(0, 15), Array.from(dv!).slice(0, 10), Array.from(dInitialSum!)]) {
			expect(values.every((value) => value === 0)).toBe(true);
		}
		expect(
			Array.from(dk!)
				.slice(15)
				.every((value) => value !== 0),
		).toBe(true);
	});
});
