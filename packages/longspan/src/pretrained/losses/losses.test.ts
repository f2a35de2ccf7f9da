import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Device, init, intTensor, OptionError, ShapeError, scope, tensor } from "../../index.js";
import { itRefuses } from "../../testing/refusals.js";
import { expectGradients } from "../../testing/tensor-gradient.js";
import { causalLanguageLoss, classificationLoss, spanLoss, tokenLoss } from "./index.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "reference" });
});
afterAll(() => device.dispose());

const value = (loss: () => { dataSync(): ArrayLike<number> }) => scope(() => loss().dataSync()[0] as number);
const scores = () => tensor([1, 2, 0, 0.5, 0, 0], [2, 3]);
const cost = (row: readonly number[], label: number) =>
	Math.log(row.reduce((sum, score) => sum + Math.exp(score), 0)) - (row[label] as number);

// Values of whole models are compared with another implementation where their classes are tested.
describe("losses", () => {
	it("are means over what has a label", () => {
		expect(value(() => tokenLoss(scores(), intTensor([1, -100])))).toBeCloseTo(cost([1, 2, 0], 1), 6);
		expect(value(() => tokenLoss(scores(), intTensor([-100, -100])))).toBe(0);
		const shifted = value(() => causalLanguageLoss(tensor([1, 2, 0, 9, 9, 9], [1, 2, 3]), intTensor([0, 2], [1, 2])));
		expect(shifted).toBeCloseTo(cost([1, 2, 0], 2), 6);
	});

	it("of classes are what the labels or the problem say", () => {
		const one = () => tensor([1, 3], [2, 1]);
		expect(value(() => classificationLoss(one(), tensor([0, 1])))).toBeCloseTo(2.5, 6);
		expect(value(() => classificationLoss(one(), intTensor([0, 1])))).toBeCloseTo(2.5, 6);
		expect(value(() => classificationLoss(scores(), intTensor([0, 2])))).toBeCloseTo(
			(cost([1, 2, 0], 0) + cost([0.5, 0, 0], 2)) / 2,
			6,
		);
		const labels = () => tensor([1, 0, 0, 0, 0, 1], [2, 3]);
		const binary = [1, 2, 0, 0.5, 0, 0].map((x, at) => Math.log1p(Math.exp(at === 0 || at === 5 ? -x : x)));
		const expected = binary.reduce((sum, term) => sum + term, 0) / 6;
		expect(value(() => classificationLoss(scores(), labels()))).toBeCloseTo(expected, 6);
		expect(value(() => classificationLoss(scores(), labels(), "regression"))).toBeCloseTo(5.25 / 6, 6);
	});

	it("of spans leave out positions beyond the text", () => {
		const loss = value(() =>
			spanLoss({ startLogits: scores(), endLogits: scores() }, intTensor([1, 3]), intTensor([-4, 7])),
		);
		expect(loss).toBeCloseTo((cost([1, 2, 0], 1) + cost([1, 2, 0], 0)) / 2, 6);
	});

	it("are differentiable", () => {
		expectGradients(device, (x) => tokenLoss(x, intTensor([1, -100])), [[2, 3]]);
		expectGradients(device, (x) => classificationLoss(x, tensor([1, 0, 0, 0, 1, 1], [2, 3])), [[2, 3]]);
		expectGradients(device, (x) => classificationLoss(x, tensor([1, 0]), "regression"), [[2, 1]]);
		expectGradients(
			device,
			(x, y) => spanLoss({ startLogits: x, endLogits: y }, intTensor([1, 9]), intTensor([0, 2])),
			[
				[2, 3],
				[2, 3],
			],
		);
	});

	itRefuses(
		() => device,
		[
			["a label that is no class", () => tokenLoss(scores(), intTensor([1, 3])), OptionError, /targets hold 3/],
			[
				"labels of another number of classes",
				() => classificationLoss(scores(), tensor([1, 0, 1, 1], [2, 2])),
				ShapeError,
				/argument labels has shape \[2, 2\]; expected \[2, 3\]/,
			],
			[
				"a problem that is none",
				() => classificationLoss(scores(), intTensor([0, 1]), "ranking" as "regression"),
				OptionError,
				/problemType is "ranking"/,
			],
		],
	);
});
