import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	type AdafactorOptions,
	adafactor,
	type Device,
	init,
	OptionError,
	tensor,
	treeTensors,
	zeros,
} from "../index.js";
import { normals } from "../testing/random-values.js";
import { exactTensor, exactValues } from "../testing/tensor-gradient.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "reference" });
});
afterAll(() => device.dispose());

const rootMeanSquare = (values: readonly number[]) =>
	Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);

/** Algorithms 4 and 5 of Shazeer & Stern 2018 with sums, as printed, on one matrix of `rows` rows; a vector has none. */
function adafactorByHand(start: number[], gradients: number[][], rows: number, options: AdafactorOptions): number[] {
	const { learningRate, scaleByParameter = true, clipThreshold = 1, momentum = 0, weightDecay = 0 } = options;
	const columns = start.length / Math.max(1, rows);
	let weights = start;
	let [r, c] = [new Array<number>(rows).fill(0), new Array<number>(columns).fill(0)];
	let v = start.map(() => 0);
	let mean = start.map(() => 0);
	gradients.forEach((gradient, index) => {
		const step = index + 1;
		const beta = 1 - step ** -0.8;
		const squares = gradient.map((g) => g * g + 1e-30);
		if (rows > 0) {
			r = r.map(
				(old, i) => beta * old + (1 - beta) * squares.slice(i * columns, (i + 1) * columns).reduce((a, b) => a + b),
			);
			c = c.map(
				(old, j) => beta * old + (1 - beta) * squares.filter((_, at) => at % columns === j).reduce((a, b) => a + b),
			);
			const total = r.reduce((a, b) => a + b);
			v = squares.map((_, at) => ((r[Math.floor(at / columns)] as number) * (c[at % columns] as number)) / total);
		} else v = v.map((old, at) => beta * old + (1 - beta) * (squares[at] as number));
		const raw = gradient.map((g, at) => g / Math.sqrt(v[at] as number));
		const clip = Math.max(1, rootMeanSquare(raw) / clipThreshold);
		const rate = learningRate ?? Math.min(0.01, 1 / Math.sqrt(step));
		const alpha = rate * (scaleByParameter ? Math.max(1e-3, rootMeanSquare(weights)) : 1);
		mean = raw.map((u, at) => momentum * (mean[at] as number) + (1 - momentum) * ((alpha * u) / clip));
		weights = weights.map((w, at) => w - rate * weightDecay * w - (mean[at] as number));
	});
	return weights;
}

describe("adafactor", () => {
	const start = [...normals(12, 1)];
	// The last gradient is far larger, so that its update is clipped; one row and one column of all are empty.
	const gradients = [1, 0.1, 100].map((size, step) =>
		[...normals(12, 2 + step)].map((value, at) => (at < 4 || at % 4 === 1 ? 0 : value * size)),
	);

	it.each<[string, number[], number, AdafactorOptions]>([
		["a matrix", [3, 4], 3, {}],
		["a vector", [12], 0, {}],
		["a low threshold", [3, 4], 3, { clipThreshold: 0.3 }],
		["a learning rate", [3, 4], 3, { learningRate: 0.1, scaleByParameter: false }],
		["momentum and decay", [3, 4], 3, { momentum: 0.9, weightDecay: 0.1 }],
	])("takes the steps of its definition: %s", (_, shape, rows, options) => {
		const optimizer = adafactor(options);
		let parameters = { w: exactTensor(device, start, shape) };
		for (const gradient of gradients)
			parameters = optimizer.step(parameters, { w: exactTensor(device, gradient, shape) });
		const expected = adafactorByHand(start, gradients, rows, options);
		exactValues(parameters.w).forEach((value, at) => {
			expect(value).toBeCloseTo(expected[at] as number, 12);
		});
		parameters.w.dispose();
		optimizer.dispose();
	});

	it("treats the leading axes of a parameter as matrices of their own, but for the sizes of its update and of itself", () => {
		const options = { scaleByParameter: false, clipThreshold: 1e9 };
		const optimizer = adafactor(options);
		let parameters = { w: exactTensor(device, start, [2, 2, 3]) };
		for (const gradient of gradients)
			parameters = optimizer.step(parameters, { w: exactTensor(device, gradient, [2, 2, 3]) });
		const halves = [0, 6].map((at) => (list: number[]) => list.slice(at, at + 6));
		const expected = halves.flatMap((half) => adafactorByHand(half(start), gradients.map(half), 2, options));
		exactValues(parameters.w).forEach((value, at) => {
			expect(value).toBeCloseTo(expected[at] as number, 12);
		});
		parameters.w.dispose();
		optimizer.dispose();
	});

	it("keeps in float32 what has no gradient", async () => {
		const wasm = await init({ threads: 1 });
		const optimizer = adafactor();
		let parameters = { w: tensor([1, 2, 3, 4], [2, 2], wasm) };
		for (let step = 0; step < 3; step++)
			parameters = optimizer.step(parameters, { w: tensor([0, 0, step === 1 ? 1e-3 : 0, 0], [2, 2], wasm) });
		const [a, b, c, d] = parameters.w.dataSync();
		expect([a, b, d]).toEqual([1, 2, 4]);
		expect(c).toBeLessThan(3);
		wasm.dispose();
	});

	it.each([
		[{}, 300 + 200 + 50],
		[{ momentum: 0.9 }, 300 + 200 + 50 + 300 * 200 + 50],
	])("keeps rows and columns of a matrix, not its elements: %j", (options, elements) => {
		const optimizer = adafactor(options);
		const make = () => ({ matrix: zeros([300, 200], device), bias: zeros([50], device) });
		const parameters = optimizer.step(make(), make());
		const state = optimizer.state();
		expect(treeTensors(state).reduce((sum, { size }) => sum + size, 0)).toBe(elements);
		for (const tensor of treeTensors([parameters, state])) tensor.dispose();
		const { liveBytes } = device.memoryStats();
		optimizer.dispose();
		expect(liveBytes - device.memoryStats().liveBytes).toBe(elements * Float32Array.BYTES_PER_ELEMENT);
	});

	it.each([
		[{ learningRate: -1 }, /learningRate is -1/],
		[{ epsilons: [1e-30, -1] as const }, /epsilons is -1/],
		[{ clipThreshold: 0 }, /clipThreshold is 0/],
		[{ decayExponent: -1 }, /decayExponent is -1/],
		[{ momentum: 1 }, /momentum is 1; expected a number from 0 to below 1/],
		[{ beta1: 0.9 } as never, /adafactor: beta1 is no option/],
		[{ weightDecay: -1 }, /weightDecay is -1/],
	])("refuses %j", (options, message) => {
		expect(() => adafactor(options)).toThrow(OptionError);
		expect(() => adafactor(options)).toThrow(message);
	});
});
