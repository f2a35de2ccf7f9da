import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	type Device,
	foldIn,
	full,
	init,
	normal,
	normalInitializer,
	OptionError,
	type RandomSource,
	scope,
	slice,
	type Tensor,
	transformerBlock,
} from "../index.js";
import { type Matrix, multiHeadRows, normalized, plus, product, rowsOf } from "../testing/dense-layers.js";
import { expectAllClose } from "../testing/expect-close.js";
import { expectLayerGradients } from "../testing/layer-gradients.js";
import { itRefuses } from "../testing/refusals.js";
import { exactValues } from "../testing/tensor-gradient.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "reference" });
});
afterAll(() => device.dispose());

const options = {
	dim: 8,
	heads: 2,
	attention: full({ causal: true }),
	feedForward: { hidden: 12, activation: "relu" },
} as const;
const norms = ["pre", "post"] as const;

describe("transformerBlock", () => {
	it.each(norms)("with norm %s is the formula, whole and in pieces", (norm) => {
		scope(() => {
			const block = transformerBlock({ ...options, norm });
			const parameters = block.initialize(normalInitializer(2));
			const x = normal([1, 6, 8], { seed: 3 });
			const { query, key, value, output } = parameters.attention;
			const [q, k, v, o] = [query, key as Tensor, value, output].map(rowsOf) as [Matrix, Matrix, Matrix, Matrix];
			const attend = (rows: Matrix) => multiHeadRows(rows, { query: q, key: k, value: v, output: o }, 2, 2);
			const { inner, outer } = parameters.feedForward;
			const dense = (rows: Matrix) =>
				product(
					product(rows, rowsOf(inner)).map((row) => row.map((entry) => Math.max(0, entry))),
					rowsOf(outer),
				);
			const rows = rowsOf(x);
			const middle = norm === "pre" ? plus(rows, attend(normalized(rows))) : normalized(plus(rows, attend(rows)));
			const expected =
				norm === "pre" ? plus(middle, dense(normalized(middle))) : normalized(plus(middle, dense(middle)));
			const close = { relative: 1e-6, absolute: 1e-6 };
			const whole = exactValues(block.apply(parameters, x));
			expectAllClose(whole, expected.flat(), close);
			const session = block.startDecoding(1);
			const pieces = [
				[0, 3],
				[3, 4],
				[4, 6],
			].flatMap(([from, to]) => Array.from(exactValues(session.append(parameters, slice(x, 1, from as number, to)))));
			expect(session.stateBytes).toBeGreaterThan(0);
			session.dispose();
			expectAllClose(pieces, whole, close);
		});
	});

	it.each(norms)("with norm %s has the gradients that differences give, with dropout", (norm) => {
		const block = transformerBlock({ ...options, norm, dropout: 0.3, feedForward: { hidden: 6, activation: "silu" } });
		expectLayerGradients(device, block, [2, 4, 8], { random: { seed: 4, step: 2 } });
	});

	it("scales the weights that add to the stream", () => {
		scope(() => {
			const [one, half] = [1, 0.5].map((outputScale) =>
				transformerBlock({ ...options, outputScale }).initialize(normalInitializer(2)),
			) as [
				ReturnType<ReturnType<typeof transformerBlock>["initialize"]>,
				ReturnType<ReturnType<typeof transformerBlock>["initialize"]>,
			];
			const halved = (x: Tensor) => exactValues(x).map((value) => value / 2);
			const close = { relative: 1e-6 };
			expectAllClose(exactValues(half.attention.output), halved(one.attention.output), close);
			expectAllClose(exactValues(half.feedForward.outer), halved(one.feedForward.outer), close);
			expect(exactValues(half.feedForward.inner)).toEqual(exactValues(one.feedForward.inner));
		});
	});

	itRefuses(
		() => device,
		[
			[
				"an unknown norm",
				() => transformerBlock({ ...options, norm: "sandwich" as "pre" }),
				OptionError,
				/transformerBlock: norm is "sandwich"; expected "pre" or "post"/,
			],
			[
				"a dropout of 1",
				() => transformerBlock({ ...options, dropout: 1 }),
				OptionError,
				/dropout is 1; expected a number from 0 to below 1/,
			],
			["a dropout below 0", () => transformerBlock({ ...options, dropout: -0.1 }), OptionError, /dropout is -0.1/],
			[
				"a dropout that is no number",
				() => transformerBlock({ ...options, dropout: Number.NaN }),
				OptionError,
				/dropout is NaN/,
			],
		],
	);
});

describe("dropout of a block", () => {
	const rate = 0.25;
	const block = transformerBlock({ ...options, dropout: rate });
	const run = (random?: RandomSource, x = normal([1, 40, 8], { seed: 3 })) => {
		const parameters = block.initialize(normalInitializer(2));
		return [block.attentionBranch, block.feedForwardBranch].map((branch) =>
			exactValues(branch.apply(parameters, x, { random })),
		);
	};
	const dropped = (values: Float64Array) => Array.from(values, (value) => value === 0);

	it("drops the same elements for the same source, and others in another step, layer or branch", () => {
		scope(() => {
			const [attention, dense] = run({ seed: 1, stream: 3, step: 5 }) as [Float64Array, Float64Array];
			expect(run({ seed: 1, stream: 3, step: 5 })).toEqual([attention, dense]);
			const masks = [
				...[dropped(attention), dropped(dense)],
				...[
					{ seed: 1, stream: 3, step: 6 },
					{ seed: 1, stream: 4, step: 5 },
					{ seed: 2, stream: 3, step: 5 },
				].flatMap((source) => run(source).map(dropped)),
			];
			masks.forEach((mask, index) => {
				const share = mask.filter(Boolean).length / mask.length;
				expect(Math.abs(share - rate)).toBeLessThan(0.1);
				// Independent masks agree on a share of rate² + (1 - rate)² of the elements.
				for (const other of masks.slice(index + 1)) {
					const alike = mask.filter((value, at) => value === other[at]).length / mask.length;
					expect(Math.abs(alike - (rate ** 2 + (1 - rate) ** 2))).toBeLessThan(0.1);
				}
			});
		});
	});

	it("scales what is left, and does nothing in evaluation", () => {
		scope(() => {
			const [trained, evaluated] = [run({ seed: 1 })[0], run()[0]] as [Float64Array, Float64Array];
			trained.forEach((value, at) => {
				if (value !== 0) expect(value).toBeCloseTo((evaluated[at] as number) / (1 - rate), 6);
			});
			const parameters = block.initialize(normalInitializer(2));
			const x = normal([1, 4, 8], { seed: 3 });
			expect(exactValues(block.apply(parameters, x))).toEqual(
				exactValues(transformerBlock(options).apply(parameters, x)),
			);
		});
	});
});

describe("foldIn", () => {
	it("gives other streams for other parts, of parts, too, and keeps seed and step", () => {
		const sources = [0, 1, 2, 99].flatMap((stream) =>
			Array.from({ length: 1600 }, (_, at) =>
				foldIn(foldIn({ seed: 7, stream, step: 3 }, Math.floor(at / 40)), at % 40),
			),
		) as Required<RandomSource>[];
		expect(new Set(sources.map(({ stream }) => stream)).size).toBe(sources.length);
		expect(sources.every(({ seed, stream, step }) => seed === 7 && step === 3 && stream >>> 0 === stream)).toBe(true);
		expect(foldIn(undefined, 1)).toBeUndefined();
	});
});
