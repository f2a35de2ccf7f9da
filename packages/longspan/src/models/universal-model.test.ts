import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	adamW,
	type Device,
	init,
	intTensor,
	type LanguageModelOptions,
	languageModel,
	linear,
	OptionError,
	slidingWindow,
	treeTensors,
	valueAndGrad,
} from "../index.js";
import { expectModelGradients } from "../testing/model-gradients.js";
import { integersBetween } from "../testing/random-values.js";
import { exactValues } from "../testing/tensor-gradient.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "reference" });
});
afterAll(() => device.dispose());

const attention = linear({ causal: true });
const options: LanguageModelOptions = {
	...{ vocabularySize: 11, dim: 8, layers: 3, heads: 2, seed: 3, attention },
	positions: "none",
	norm: "post",
};
const adaptive = { halting: { accumulation: "accumulated", threshold: 0.9 }, ponderWeight: 0.1 } as const;
const ids = () => intTensor(integersBetween(2 * 8, 1, 0, 11), [2, 8]);

describe("a language model with recurrence", () => {
	it("has one block, however many layers", () => {
		const count = (layers: number) =>
			treeTensors(languageModel({ ...options, layers, recurrence: {} }).parameters).length;
		expect(count(6)).toBe(count(1));
		expect(count(6)).toBeLessThan(treeTensors(languageModel({ ...options, layers: 6 }).parameters).length / 4);
	});

	it.each([
		["of all steps", { recurrence: {} }],
		["with halting", { recurrence: adaptive }],
		["with learned step signals", { recurrence: { ...adaptive, timing: { step: "learned" } } }],
		["checkpointed", { recurrence: adaptive, activations: "checkpointed" }],
	] as const)("%s: gradients equal central differences", (_, given) => {
		const { parameters, loss } = languageModel({ ...options, ...given });
		const batch = ids();
		expectModelGradients(device, parameters, (current) => loss(current, batch));
	});

	it("adds the cost of its steps to the loss", () => {
		const lossOf = (ponderWeight: number) => {
			const model = languageModel({ ...options, recurrence: { ...adaptive, ponderWeight } });
			return model.loss(model.parameters, ids()).dataSync()[0] as number;
		};
		const steps = (lossOf(1) - lossOf(0)) as number;
		expect(steps).toBeGreaterThanOrEqual(1);
		expect(steps).toBeLessThanOrEqual(4);
	});

	it("decodes as it predicts", () => {
		const model = languageModel({ ...options, recurrence: adaptive });
		const batch = ids();
		const scores = exactValues(model.logits(model.parameters, batch));
		const session = model.startDecoding(model.parameters, 2);
		const tokens = batch.dataSync();
		for (const [from, to] of [
			[0, 3],
			[3, 4],
			[4, 8],
		] as const) {
			const piece = [0, 1].flatMap((row) => Array.from(tokens.slice(8 * row + from, 8 * row + to)));
			const last = exactValues(session.append(intTensor(piece, [2, to - from])));
			for (const row of [0, 1])
				for (let id = 0; id < 11; id++)
					expect(last[11 * row + id]).toBeCloseTo(scores[11 * (8 * row + to - 1) + id] as number, 9);
		}
		session.dispose();
	});

	it("learns what repeats", () => {
		const model = languageModel({ ...options, recurrence: adaptive });
		const optimizer = adamW({ learningRate: 0.02 });
		const batch = intTensor([1, 2, 3, 4, 1, 2, 3, 4, 1], [1, 9]);
		let { parameters } = model;
		for (let step = 0; step < 60; step++)
			parameters = optimizer.step(parameters, valueAndGrad(model.loss)(parameters, batch).gradient);
		expect(model.loss(parameters, batch).dataSync()[0]).toBeLessThan(0.6);
	});

	it("refuses what does not go with it", () => {
		const window = slidingWindow({ window: 2, causal: true });
		expect(() => languageModel({ ...options, attention: [attention, window], recurrence: {} })).toThrow(OptionError);
		expect(() => languageModel({ ...options, norm: "pre", activations: "reversible", recurrence: {} })).toThrow(
			/activations is "reversible"/,
		);
		expect(() => languageModel({ ...options, recurrence: { ponderWeight: -1 } })).toThrow(/ponderWeight is -1/);
	});
});
