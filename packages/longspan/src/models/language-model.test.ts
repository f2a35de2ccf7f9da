import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	adamW,
	type Device,
	full,
	init,
	intTensor,
	languageModel,
	linear,
	mapTree,
	scope,
	slidingWindow,
	type Tensor,
	treeTensors,
	valueAndGrad,
} from "../index.js";
import { integersBetween } from "../testing/random-values.js";
import { exactTensor, exactValues } from "../testing/tensor-gradient.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "reference" });
});
afterAll(() => device.dispose());

const sizes = { vocabularySize: 11, maxLength: 9, dim: 8, layers: 2, heads: 2, seed: 3 };
const ids = () => intTensor(integersBetween(2 * 8, 1, 0, 11), [2, 8]);

describe("languageModel", () => {
	it.each([
		["full", full({ causal: true })],
		["window", slidingWindow({ window: 3, causal: true })],
		["linear", linear({ causal: true })],
	] as const)("has gradients that equal central differences with %s attention", (_, attention) => {
		const { parameters, loss } = languageModel({ ...sizes, attention });
		const batch = ids();
		const { gradient } = valueAndGrad(loss)(parameters, batch);
		const weights = treeTensors(parameters) as Tensor[];
		const step = 1e-5;
		treeTensors(gradient).forEach((own, index) => {
			const values = exactValues(weights[index] as Tensor);
			const at = (7 * index) % values.length;
			const lossAt = (value: number) =>
				scope(() => {
					let seen = 0;
					const moved = mapTree(parameters, (weight) =>
						seen++ === index
							? exactTensor(
									device,
									values.map((old, i) => (i === at ? value : old)),
									weight.shape,
								)
							: weight,
					);
					return exactValues(loss(moved, batch))[0] as number;
				});
			const here = values[at] as number;
			const expected = (lossAt(here + step) - lossAt(here - step)) / (2 * step);
			expect(exactValues(own)[at]).toBeCloseTo(expected, 7);
		});
	});

	it("starts near the loss of guessing, and learns what repeats", () => {
		const { parameters: start, loss } = languageModel({ ...sizes, attention: linear({ causal: true }) });
		const optimizer = adamW({ learningRate: 0.02 });
		const batch = intTensor([1, 2, 3, 4, 1, 2, 3, 4, 1], [1, 9]);
		let parameters = start;
		const losses: number[] = [];
		for (let step = 0; step < 60; step++) {
			const { value, gradient } = valueAndGrad(loss)(parameters, batch);
			losses.push(value.dataSync()[0] as number);
			parameters = optimizer.step(parameters, gradient);
		}
		expect(Math.abs((losses[0] as number) - Math.log(11))).toBeLessThan(1);
		expect(losses[losses.length - 1]).toBeLessThan(0.3);
	});

	it("predicts from earlier tokens only, and gives equal models for equal seeds", () => {
		const attention = full({ causal: true });
		const [one, two] = [languageModel({ ...sizes, attention }), languageModel({ ...sizes, attention })];
		const scores = (model: typeof one, last: number) =>
			model.logits(model.parameters, intTensor([1, 2, 3, last], [1, 4])).dataSync();
		expect(scores(one, 5)).toEqual(scores(two, 5));
		expect(scores(one, 5).slice(0, 33)).toEqual(scores(one, 6).slice(0, 33));
		expect(scores(one, 5).slice(33)).not.toEqual(scores(one, 6).slice(33));
	});

	it.each([
		[{ attention: full() }, /"full" is not causal/],
		[{ attention: full({ causal: true }), heads: 3 }, /dim is 8; expected a multiple of heads, 3/],
		[{ attention: full({ causal: true }), layers: 0 }, /layers is 0/],
	])("refuses %j", (options, message) => {
		expect(() => languageModel({ ...sizes, ...options })).toThrow(message);
	});

	it("refuses sequences longer than its positions", () => {
		const model = languageModel({ ...sizes, attention: linear({ causal: true }) });
		expect(() => model.logits(model.parameters, intTensor(new Array(10).fill(0), [1, 10]))).toThrow(/length of 1 to 9/);
	});
});
