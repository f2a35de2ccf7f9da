import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	type Attention,
	type Device,
	full,
	init,
	intTensor,
	linformer,
	type MultiHeadParameters,
	multiHead,
	normal,
	normalInitializer,
	OptionError,
	perHead,
	reformer,
	ShapeError,
	scope,
	slice,
	slidingWindow,
} from "../index.js";
import { type Matrix, multiHeadRows, rowsOf } from "../testing/dense-layers.js";
import { expectAllClose } from "../testing/expect-close.js";
import { expectLayerGradients } from "../testing/layer-gradients.js";
import { itRefuses } from "../testing/refusals.js";
import { exactValues } from "../testing/tensor-gradient.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "reference" });
});
afterAll(() => device.dispose());

const causal = { causal: true } as const;

describe("multiHead", () => {
	it.each([
		[4, 4],
		[4, 2],
		[4, 1],
	])("is the formula, %d heads of queries and %d of keys and values", (heads, keyValueHeads) => {
		scope(() => {
			const layer = multiHead({ dim: 8, heads, keyValueHeads, attention: full(causal) });
			const parameters = layer.initialize(normalInitializer(2));
			expect(parameters.key?.shape).toEqual([8, 2 * keyValueHeads]);
			const x = normal([1, 6, 8], { seed: 3 });
			const { weights: _, ...projections } = parameters;
			const rows = Object.fromEntries(
				Object.entries(projections).map(([name, weight]) => [name, rowsOf(weight)]),
			) as Record<Exclude<keyof MultiHeadParameters, "weights">, Matrix>;
			const expected = multiHeadRows(rowsOf(x), rows, heads, keyValueHeads).flat();
			expectAllClose(exactValues(layer.apply(parameters, x)), expected, { relative: 0, absolute: 1e-7 });
		});
	});

	it.each([
		["as many heads of keys", {}],
		["grouped keys and values", { keyValueHeads: 1 }],
		["grouped, turned", { keyValueHeads: 1, rotary: true }],
		["queries as keys", { attention: reformer({ ...causal, fullAttentionBelow: 64 }) }],
		[
			"heads with queries as keys beside others",
			{ attention: perHead([reformer(causal), slidingWindow({ window: 2, causal: true })]) },
		],
		["weights of the mechanism", { attention: linformer({ maxLength: 5, projectedLength: 2 }) }],
	] as const)("has the gradients that differences give: %s", (_, options) => {
		expectLayerGradients(device, multiHead({ dim: 8, heads: 2, attention: full(causal), ...options }), [2, 5, 8]);
	});

	it("has no weights for keys where queries serve as keys, and draws those of the mechanism apart from its own", () => {
		scope(() => {
			const draw = normalInitializer(0);
			const shared = multiHead({ dim: 8, heads: 2, attention: reformer(causal) }).initialize(draw);
			expect(shared.key).toBeUndefined();
			const attention = linformer({ maxLength: 8, projectedLength: 8, sharing: "headwise" });
			const layer = multiHead({ dim: 8, heads: 2, attention });
			const [one, two] = [layer.initialize(draw), layer.initialize(draw)].map(({ weights }) => weights.E?.dataSync());
			expect(one).not.toEqual(two);
			// The first 64 numbers of seed 0 are the query weights.
			expect(one?.[0]).not.toBeCloseTo(shared.query.dataSync()[0] as number, 6);
		});
	});

	it("passes the mask on", () => {
		scope(() => {
			const layer = multiHead({ dim: 8, heads: 2, attention: full() });
			const parameters = layer.initialize(normalInitializer(2));
			const x = normal([1, 6, 8], { seed: 3 });
			const masked = layer.apply(parameters, x, { keyMask: intTensor([1, 1, 1, 1, 0, 0], [1, 6]) });
			const short = layer.apply(parameters, slice(x, 1, 0, 4));
			expectAllClose(exactValues(slice(masked, 1, 0, 4)), exactValues(short), { relative: 0, absolute: 1e-7 });
		});
	});

	const options = { dim: 8, heads: 2, attention: full() as Attention };
	itRefuses(
		() => device,
		[
			[
				"a width no multiple of heads",
				() => multiHead({ ...options, heads: 3 }),
				OptionError,
				/multiHead: dim is 8; expected a multiple of heads, 3/,
			],
			["heads 0", () => multiHead({ ...options, heads: 0 }), OptionError, /multiHead: heads is 0/],
			[
				"grouped heads that do not divide",
				() => multiHead({ ...options, heads: 4, keyValueHeads: 3 }),
				OptionError,
				/keyValueHeads is 3; expected a divisor of heads, 4/,
			],
			[
				"rotary of an odd width",
				() => multiHead({ ...options, heads: 8, rotary: true }),
				OptionError,
				/rotary: headDim is 1; expected an even number/,
			],
			[
				"decoding that is not causal",
				() => multiHead(options).startDecoding(1),
				OptionError,
				/startDecoding needs causal: true/,
			],
			[
				"input of another width",
				() => {
					const layer = multiHead(options);
					return layer.apply(layer.initialize(normalInitializer(1)), normal([1, 3, 4], { seed: 1 }));
				},
				ShapeError,
				/inner size 4/,
			],
		],
	);
});
