import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Device, init, movingAverage, OptionError, type Tensor, tensor, treeTensors } from "../index.js";
import { exactValues } from "../testing/tensor-gradient.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "reference" });
});
afterAll(() => device.dispose());

const weights = [1, 5, -2, 3, 8];

/** The average after each of the weights. */
function averagesOf(options: Parameters<typeof movingAverage>[0]): number[] {
	const average = movingAverage<{ w: Tensor }>(options);
	const seen = weights.map((value) => {
		const w = tensor([value]);
		average.update({ w });
		w.dispose();
		return exactValues((average.parameters as { w: Tensor }).w)[0] as number;
	});
	average.dispose();
	return seen;
}

describe("movingAverage", () => {
	it("is the mean of the weights so far, in proportion to powers of the decay", () => {
		averagesOf({ decay: 0.9 }).forEach((value, last) => {
			const shares = weights.slice(0, last + 1).map((_, at) => 0.9 ** (last - at));
			const total = shares.reduce((a, b) => a + b);
			expect(value).toBeCloseTo(
				shares.reduce((sum, share, at) => sum + share * (weights[at] as number), 0) / total,
				12,
			);
		});
	});

	it("ramps its decay up", () => {
		let expected = 0;
		averagesOf({ decay: 0.3, start: "ramped" }).forEach((value, at) => {
			const decay = Math.min(0.3, at / (at + 9));
			expected = decay * expected + (1 - decay) * (weights[at] as number);
			expect(value).toBeCloseTo(expected, 12);
		});
	});

	it("goes on from a state, which later updates leave alone, and frees everything", () => {
		const before = device.memoryStats().buffers;
		const make = (value: number) => {
			const tied = tensor([value, 2 * value]);
			return { layers: [{ tied }], again: tied };
		};
		const [one, two] = [movingAverage<ReturnType<typeof make>>(), movingAverage<ReturnType<typeof make>>()];
		expect([one.parameters, one.state()]).toEqual([null, { steps: 0, tensors: {} }]);
		const steps = weights.map(make);
		for (const step of steps.slice(0, 3)) one.update(step);
		const state = one.state();
		expect(Object.keys(state.tensors)).toEqual(["layers.0.tied"]);
		for (const step of steps.slice(3)) one.update(step);
		two.restore(state, steps[0] as ReturnType<typeof make>);
		for (const step of steps.slice(3)) two.update(step);
		expect(two.steps).toBe(5);
		expect(two.parameters?.again).toBe(two.parameters?.layers[0]?.tied);
		expect(exactValues(two.parameters?.again as Tensor)).toEqual(exactValues(one.parameters?.again as Tensor));
		expect(() => one.update({ layers: [], again: tensor([1, 2]) })).toThrow(/parameters has 1 tensors; expected 2/);
		for (const average of [one, two]) average.dispose();
		for (const x of treeTensors([steps, state])) x.dispose();
		expect(device.memoryStats().buffers).toBe(before + 1);
	});

	it.each([
		[{ decay: 1 }, /decay is 1; expected a number from 0 to below 1/],
		[{ decay: -1 }, /decay is -1/],
		[{ start: "zero" as "ramped" }, /start is "zero"; expected "debiased" or "ramped"/],
	])("refuses %j", (options, message) => {
		expect(() => movingAverage(options)).toThrow(OptionError);
		expect(() => movingAverage(options)).toThrow(message);
	});
});
