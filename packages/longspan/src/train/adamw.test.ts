import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adamW, type Device, init, OptionError, tensor } from "../index.js";
import { exactValues } from "../testing/tensor-gradient.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "reference" });
});
afterAll(() => device.dispose());

/** Algorithm 2 of Loshchilov & Hutter 2019 on plain numbers. */
function adamWByHand(weights: number[], gradients: number[][], rate: number, decay: number): number[] {
	const [beta1, beta2, epsilon] = [0.9, 0.95, 1e-8];
	return weights.map((start, i) => {
		let [weight, mean, square] = [start, 0, 0];
		gradients.forEach((gradient, step) => {
			const g = gradient[i] as number;
			mean = beta1 * mean + (1 - beta1) * g;
			square = beta2 * square + (1 - beta2) * g * g;
			const [m, v] = [mean / (1 - beta1 ** (step + 1)), square / (1 - beta2 ** (step + 1))];
			weight -= rate * (m / (Math.sqrt(v) + epsilon) + decay * weight);
		});
		return weight;
	});
}

describe("adamW", () => {
	const start = [0.5, -1, 2, 0.25];
	const gradients = [
		[0.1, -2, 0.5, 1e-3],
		[0.3, 1, -0.5, 2e-3],
		[-0.2, 0.5, 0.25, 0],
	];

	it("takes the steps of its definition, with decay on matrices only", () => {
		for (const [shape, decay] of [
			[[2, 2], 0.1],
			[[4], 0],
		] as const) {
			const optimizer = adamW({ learningRate: 0.01, weightDecay: 0.1 });
			let parameters = { w: tensor(start, shape) };
			for (const gradient of gradients) parameters = optimizer.step(parameters, { w: tensor(gradient, shape) });
			const expected = adamWByHand(start, gradients, 0.01, decay);
			exactValues(parameters.w).forEach((value, i) => {
				expect(value).toBeCloseTo(expected[i] as number, 12);
			});
			expect(optimizer.steps).toBe(3);
			parameters.w.dispose();
			optimizer.dispose();
		}
	});

	it("decays what it is told to, by name", () => {
		const optimizer = adamW({ learningRate: 0.1, weightDecay: 0.5, decays: (name) => name === "layers.1.gain" });
		const parameters = { layers: [{ gain: tensor([2]) }, { gain: tensor([2]) }] };
		const gradient = { layers: [{ gain: tensor([0]) }, { gain: tensor([0]) }] };
		const next = optimizer.step(parameters, gradient);
		expect(next.layers.map(({ gain }) => exactValues(gain)[0])).toEqual([2, 2 * (1 - 0.1 * 0.5)]);
		for (const { gain } of next.layers) gain.dispose();
		optimizer.dispose();
	});

	it("frees what it replaces", () => {
		const before = device.memoryStats().buffers;
		const optimizer = adamW({ learningRate: 0.1 });
		let parameters = { w: tensor(start) };
		for (const gradient of gradients) parameters = optimizer.step(parameters, { w: tensor(gradient) });
		expect(device.memoryStats().buffers).toBe(before + 3);
		optimizer.dispose();
		parameters.w.dispose();
		expect(device.memoryStats().buffers).toBe(before);
	});

	it.each([
		[{ learningRate: Number.NaN }, /learningRate is NaN/],
		[{ learningRate: 1, betas: [0.9, 1.5] as const }, /betas is 1.5/],
		[{ betas: [0.9, 1] as const }, /betas is 1; expected a number from 0 to below 1/],
		[{ betas: [0.9] as never }, /betas is a list of 1; expected two numbers/],
		[{ learningRate: 1, weightDecay: -1 }, /weightDecay is -1/],
		[{ epsilon: -1 }, /epsilon is -1/],
	])("refuses %j", (options, message) => {
		expect(() => adamW(options)).toThrow(OptionError);
		expect(() => adamW(options)).toThrow(message);
	});
});
