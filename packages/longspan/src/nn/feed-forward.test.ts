import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	type Activation,
	type Device,
	type FeedForwardParameters,
	feedForward,
	gelu,
	init,
	normal,
	normalInitializer,
	OptionError,
	scope,
	tensor,
	treeTensors,
	vjp,
} from "../index.js";
import { type Matrix, plus, product, rowsOf } from "../testing/dense-layers.js";
import { expectAllClose } from "../testing/expect-close.js";
import { expectLayerGradients, withLeaves } from "../testing/layer-gradients.js";
import { itRefuses } from "../testing/refusals.js";
import { exactValues } from "../testing/tensor-gradient.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "reference" });
});
afterAll(() => device.dispose());

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const geluOf = (x: number) => scope(() => exactValues(gelu(tensor([x], [1])))[0] as number);
const functions: Record<Activation, (x: number) => number> = {
	...{ gelu: geluOf, relu: (x) => Math.max(x, 0), silu: (x) => x * sigmoid(x) },
	...{ glu: sigmoid, geglu: geluOf, swiglu: (x) => x * sigmoid(x) },
};
const activations = Object.keys(functions) as Activation[];

/** Random biases, too, which are 0 at first. */
const randomWeights = (layer: ReturnType<typeof feedForward>): FeedForwardParameters => {
	const parameters = layer.initialize(normalInitializer(1));
	return withLeaves(
		parameters,
		treeTensors(parameters).map((weight, seed) => normal(weight.shape, { seed })),
	);
};

describe("feedForward", () => {
	it.each(activations)("%s is the formula", (activation) => {
		scope(() => {
			const layer = feedForward(3, { hidden: 5, activation });
			const parameters = randomWeights(layer);
			const x = normal([1, 4, 3], { seed: 9 });
			const line = (rows: Matrix, weight: keyof FeedForwardParameters, bias: keyof FeedForwardParameters) =>
				plus(product(rows, rowsOf(parameters[weight] as never)), rowsOf(parameters[bias] as never));
			const { [activation]: f } = functions;
			const channels = line(rowsOf(x), "inner", "innerBias");
			const gates = parameters.gate && line(rowsOf(x), "gate", "gateBias");
			const passed = channels.map((row, i) =>
				row.map((value, c) => (gates ? f(gates[i]?.[c] as number) * value : f(value))),
			);
			const expected = line(passed, "outer", "outerBias").flat();
			expectAllClose(exactValues(layer.apply(parameters, x)), expected, { relative: 1e-6, absolute: 1e-6 });
		});
	});

	it.each(activations)("%s has the gradients that differences give, whole and in chunks", (activation) => {
		for (const chunkLength of [undefined, 2])
			expectLayerGradients(
				device,
				feedForward(3, { hidden: 5, activation, ...(chunkLength && { chunkLength }) }),
				[2, 5, 3],
			);
	});

	it.each([
		[1, 7],
		[3, 7],
		[7, 7],
		[9, 7],
		[4, 1],
	])("in chunks of %d at length %d is that of the whole", (chunkLength, length) => {
		scope(() => {
			const whole = feedForward(4);
			const parameters = randomWeights(whole);
			const x = normal([2, length, 4], { seed: 9 });
			const run = (layer: typeof whole) => {
				const { output, pullback } = vjp(
					(input, ...weights) => layer.apply(withLeaves(parameters, weights), input),
					x,
					...(treeTensors(parameters) as (typeof x)[]),
				);
				return [output, ...pullback(normal(output.shape, { seed: 10 }))].map(exactValues);
			};
			const chunked = feedForward(4, { chunkLength });
			const expected = run(whole);
			run(chunked).forEach((values, index) => {
				expectAllClose(values, expected[index] as Float64Array, { relative: 1e-6, absolute: 1e-9 });
			});
			expect(exactValues(chunked.apply(parameters, x))).toEqual(expected[0]);
		});
	});

	it("has as many weights with a gate as without", () => {
		scope(() => {
			const count = (activation: Activation) =>
				treeTensors(feedForward(96, { activation }).initialize(normalInitializer(1)))
					.filter(({ rank }) => rank === 2)
					.reduce((sum, { size }) => sum + size, 0);
			expect(count("gelu")).toBe(8 * 96 ** 2);
			expect(count("swiglu")).toBe(8 * 96 ** 2);
		});
	});

	itRefuses(
		() => device,
		[
			[
				"an unknown activation",
				() => feedForward(4, { activation: "mish" as Activation }),
				OptionError,
				/feedForward: activation is "mish"; expected "gelu"/,
			],
			["no channels", () => feedForward(4, { hidden: 0 }), OptionError, /hidden is 0/],
			["chunks of nothing", () => feedForward(4, { chunkLength: 0 }), OptionError, /chunkLength is 0/],
		],
	);
});
