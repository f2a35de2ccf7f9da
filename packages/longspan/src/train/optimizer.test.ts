import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	adafactor,
	adamW,
	type Device,
	init,
	OptionError,
	scope,
	type Tensor,
	tensor,
	treeTensors,
	zeros,
} from "../index.js";
import { exactValues } from "../testing/tensor-gradient.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "reference" });
});
afterAll(() => device.dispose());

const make = (values = [1, 2, 3, 4]) => ({ blocks: [{ w: tensor(values, [2, 2]) }], bias: tensor([1, 2]) });
const free = (tree: unknown) => {
	for (const x of treeTensors(tree)) x.dispose();
};

describe("an optimiser", () => {
	it("tells its state by the names of the parameters, and goes on from it", () => {
		const before = device.memoryStats().buffers;
		const [one, two] = [adamW(), adamW()];
		let parameters = one.step(make(), make([0.1, 0.2, -0.3, 0]));
		const state = one.state();
		expect(Object.keys(state.tensors)).toEqual(["mean.blocks.0.w", "square.blocks.0.w", "mean.bias", "square.bias"]);
		let copy = {
			blocks: [{ w: tensor(exactValues(parameters.blocks[0]?.w as Tensor), [2, 2]) }],
			bias: tensor(exactValues(parameters.bias)),
		};
		for (const values of [
			[1, -1, 1, -1],
			[0.3, 0.1, 2, 5],
		])
			parameters = one.step(parameters, make(values));
		two.restore(state, copy);
		for (const values of [
			[1, -1, 1, -1],
			[0.3, 0.1, 2, 5],
		])
			copy = two.step(copy, make(values));
		expect(two.steps).toBe(3);
		expect(treeTensors(copy).map(exactValues)).toEqual(treeTensors(parameters).map(exactValues));
		for (const optimizer of [one, two]) optimizer.dispose();
		free([parameters, copy, state]);
		expect(device.memoryStats().buffers).toBe(before);
	});

	it("names the state of a single tensor after what it is", () => {
		scope(() => {
			const optimizer = adafactor();
			const next = optimizer.step(tensor([1, 2], [1, 2]), tensor([1, 1], [1, 2]));
			const state = optimizer.state();
			expect(Object.keys(state.tensors)).toEqual(["rows", "columns"]);
			expect(() => optimizer.restore(state, next)).not.toThrow();
			free([next, state]);
			optimizer.dispose();
		});
	});

	it("updates a tied weight once, and takes one gradient for several", () => {
		const before = device.memoryStats().buffers;
		const optimizer = adamW();
		const [tied, gradient] = [tensor([1]), tensor([0.5])];
		const next = optimizer.step({ a: tied, b: tied, c: tensor([1]) }, { a: gradient, b: gradient, c: gradient });
		expect(next.b).toBe(next.a);
		expect(exactValues(next.c)).toEqual(exactValues(next.a));
		expect(device.memoryStats().buffers).toBe(before + 2 + 4);
		free(next);
		optimizer.dispose();
	});

	it("needs little memory beyond weights, gradients and its state", () => {
		const count = 20;
		const bytes = 4 * 1000;
		const weights = () => Array.from({ length: count }, () => zeros([1000]));
		const optimizer = adamW();
		let parameters = weights();
		for (let step = 0; step < 2; step++) {
			const gradient = weights();
			const { liveBytes } = device.memoryStats();
			device.resetPeakMemory();
			parameters = optimizer.step(parameters, gradient);
			// In the first step the state takes the place of the gradients it frees, but for one of its two means.
			const growth = step === 0 ? count * bytes : 0;
			expect(device.memoryStats().peakBytes - liveBytes).toBeLessThanOrEqual(growth + 9 * bytes);
		}
		free(parameters);
		optimizer.dispose();
	});

	it("refuses gradients and states of another form, and changes nothing", () => {
		const optimizer = adamW();
		const parameters = optimizer.step(make(), make());
		const state = optimizer.state();
		const other = { blocks: [{ w: tensor([1, 2], [1, 2]) }], bias: tensor([1, 2]) };
		const { buffers } = device.memoryStats();
		const refusals: [() => unknown, RegExp][] = [
			[() => optimizer.step(parameters, { ...parameters, blocks: [] }), /adamW: gradient has 1 tensors; expected 2/],
			[() => optimizer.step(parameters, other), /tensor 0 of gradient has shape \[1, 2\]; expected \[2, 2\]/],
			[() => optimizer.step(other, other), /"blocks.0.w" of shape \[1, 2\] was not there, or not of that shape/],
			[
				() => optimizer.step({ bias: parameters.bias }, { bias: parameters.bias }),
				/parameters has 1 tensors; expected 2/,
			],
			[() => optimizer.step(parameters, parameters, Number.NaN), /learningRate is NaN/],
			[
				() => optimizer.step({ "a.b": other.bias, a: { b: other.blocks[0]?.w as Tensor } }, other as never),
				/two parameters are called "a.b"/,
			],
			[() => optimizer.restore(state, other), /state has "mean.blocks.0.w" with shape \[2, 2\]; expected \[1, 2\]/],
			[
				() => optimizer.restore(state, { bias: other.bias }),
				/has a tensor "mean.blocks.0.w" that nothing here asks for/,
			],
			[() => optimizer.restore({ steps: 1, tensors: {} }, parameters), /state has no tensor "mean.blocks.0.w"/],
			[() => optimizer.restore({ ...state, steps: 0.5 }, parameters), /state.steps is 0.5/],
			[() => adafactor().restore(state, parameters), /adafactor: state has no tensor "rows.blocks.0.w"/],
		];
		for (const [act, message] of refusals) {
			expect(act).toThrow(OptionError);
			expect(act).toThrow(message);
		}
		expect(optimizer.steps).toBe(1);
		expect(device.memoryStats().buffers).toBe(buffers);
		free([parameters, state, other]);
		optimizer.dispose();
	});
});
