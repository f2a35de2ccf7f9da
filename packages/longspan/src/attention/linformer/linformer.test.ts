import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	type AttendOptions,
	add,
	broadcastTo,
	compressSequence,
	type Device,
	full,
	init,
	intTensor,
	type LinformerOptions,
	linformer,
	linformerLayerWeights,
	matmul,
	OptionError,
	ones,
	ShapeError,
	scope,
	slice,
	sub,
	sum,
	type Tensor,
	tensor,
	uniform,
	vjp,
} from "../../index.js";
import { itRefuses } from "../../testing/refusals.js";

let device: Device;
beforeAll(async () => {
	device = await init({ threads: 2 });
});
afterAll(() => device.dispose());

const random = (shape: number[], seed: number) => sub(uniform(shape, { seed }), 0.5);
const inputs = (length: number, batch = 2, heads = 2): [Tensor, Tensor, Tensor] => [
	random([batch, heads, length, 8], 1),
	random([batch, heads, length, 8], 2),
	random([batch, heads, length, 8], 3),
];
const identity = (size: number) =>
	tensor(
		Array.from({ length: size * size }, (_, at) => Number(at % (size + 1) === 0)),
		[size, size],
	);

function expectEqual(actual: Tensor, expected: Tensor, tolerance = 1e-6): void {
	const [a, b] = [actual.dataSync(), expected.dataSync()];
	expect(actual.shape).toEqual(expected.shape);
	expect(Math.max(...a.map((value, at) => Math.abs(value - (b[at] as number))))).toBeLessThan(tolerance);
}

describe("linformer", () => {
	it("is exact attention if E and F are the identity", () => {
		scope(() => {
			const attend = linformer({ maxLength: 100, projectedLength: 100, sharing: "key-value" });
			expectEqual(attend(...inputs(100), { weights: { E: identity(100) } }), full()(...inputs(100)));
		});
	});

	it("pools by a convolution of equal weights, or by a matrix of windows", () => {
		scope(() => {
			const options = { maxLength: 100, projectedLength: 25 };
			const pooled = linformer({ ...options, projection: "mean-pool" })(...inputs(90));
			const convolution = linformer({ ...options, projection: "convolution", sharing: "key-value" });
			expectEqual(convolution(...inputs(90), { weights: { E: tensor([0.25, 0.25, 0.25, 0.25], [4]) } }), pooled);
			const windows = Array.from({ length: 25 * 100 }, (_, at) =>
				Math.floor((at % 100) / 4) === Math.floor(at / 100) ? 0.25 : 0,
			);
			const matrix = linformer({ ...options, sharing: "key-value" });
			expectEqual(matrix(...inputs(90), { weights: { E: tensor(windows, [25, 100]) } }), pooled);
		});
	});

	it.each(["linear", "mean-pool", "max-pool", "convolution"] as const)(
		"gives a padded input the output of the input alone, projection %s",
		(projection) => {
			scope(() => {
				const attend = linformer({ maxLength: 100, projectedLength: 30, projection });
				const weights = attend.initialize?.({ heads: 2, headDim: 8 });
				const [q, k, v] = inputs(95);
				const first = (x: Tensor) => slice(x, 2, 0, 57);
				const keyMask = intTensor(
					Array.from({ length: 2 * 95 }, (_, at) => Number(at % 95 < 57)),
					[2, 95],
				);
				const alone = attend(first(q), first(k), first(v), { weights });
				expectEqual(first(attend(q, k, v, { weights, keyMask })), alone);
			});
		},
	);

	it("differs from the order of fairseq by the bias alone", () => {
		scope(() => {
			const [x, E, W, bias] = [random([2, 20, 6], 1), random([5, 30], 2), random([6, 6], 3), random([6], 4)];
			const prefix = slice(E, 1, 0, 20);
			const paper = matmul(prefix, add(matmul(x, W), bias));
			const fairseq = add(matmul(compressSequence(x, E), W), bias);
			const missing = sub(1, sum(prefix, { axes: 1, keepDims: true }));
			expectEqual(sub(fairseq, paper), broadcastTo(matmul(missing, bias.view([1, 6])), [2, 5, 6]));
		});
	});
});

describe("linformer weights", () => {
	const build = (options: Partial<LinformerOptions>) => linformer({ maxLength: 64, projectedLength: 16, ...options });

	it.each([
		["none", 288],
		["headwise", 24],
		["key-value", 12],
		["layerwise", 1],
	] as const)("of 12 layers of 12 heads are, by sharing %s, %i matrices", (sharing, count) => {
		scope(() => {
			const layers = new Array(12).fill(build({ sharing }));
			const weights = linformerLayerWeights(layers, { heads: 12, headDim: 8 });
			const distinct = new Set(weights.flatMap((layer) => Object.values(layer)));
			const floats = [...distinct].reduce((total, { size }) => total + size, 0);
			expect(floats).toBe(count * 16 * 64);
		});
	});

	it("differ by layer, have variance 1/k of each head's k, and rows of 0 beyond", () => {
		scope(() => {
			const layers = [build({ projectedLength: [16, 4] }), build({ projectedLength: 32 })] as const;
			const [first, second] = linformerLayerWeights(layers, { heads: 2, headDim: 8, seed: 5 });
			const variance = (x: Tensor) => x.dataSync().reduce((total, value) => total + value ** 2 / x.size, 0);
			const rows = (head: number, from: number, to: number) =>
				slice(slice(first?.F as Tensor, 0, head, head + 1), 1, from, to);
			expect(variance(rows(0, 0, 16)) * 16).toBeCloseTo(1, 0);
			expect(variance(rows(1, 0, 4)) * 4).toBeCloseTo(1, 0);
			expect(variance(rows(1, 4, 16))).toBe(0);
			expect(variance(second?.E as Tensor) * 32).toBeCloseTo(1, 0);
			expect(second?.E?.dataSync().slice(0, 9)).not.toEqual(second?.F?.dataSync().slice(0, 9));
			const again = build({ projectedLength: 32 }).initialize?.({ heads: 2, headDim: 8, seed: 6 });
			expect(again?.E?.dataSync()).toEqual(second?.E?.dataSync());
			expect(build({ projection: "mean-pool" }).initialize).toBeUndefined();
		});
	});

	it("shared by layers get the sum of the gradients of the layers", () => {
		scope(() => {
			const attend = build({ sharing: "layerwise" });
			const [shared] = linformerLayerWeights([attend, attend], { heads: 2, headDim: 8 });
			const E = shared?.E as Tensor;
			const [q, k, v] = inputs(50);
			const stack = (first: Tensor, second: Tensor) =>
				attend(attend(q, k, v, { weights: { E: first } }), k, v, { weights: { E: second } });
			const upstream = ones(q.shape);
			const [together] = vjp((both) => stack(both as Tensor, both as Tensor), E).pullback(upstream);
			const apart = vjp((a, b) => stack(a as Tensor, b as Tensor), E, add(E, 0)).pullback(upstream) as [Tensor, Tensor];
			expectEqual(together as Tensor, add(...apart), 1e-5);
		});
	});
});

describe("linformer refuses", () => {
	const build = (options: object) => () => linformer({ maxLength: 20, projectedLength: 5, ...options });
	const call = (options: AttendOptions, length = 12, more: object = {}) => build(more)()(...inputs(length), options);
	itRefuses(
		() => device,
		[
			[
				"causal: true",
				build({ causal: true }),
				OptionError,
				/causal is true; every slot mixes all positions.*use slidingWindow/,
			],
			[
				"more slots than positions",
				build({ projectedLength: 21 }),
				OptionError,
				/projectedLength is 21 for maxLength 20; expected at most maxLength/,
			],
			[
				"no slot",
				build({ projectedLength: 0 }),
				OptionError,
				/projectedLength is 0; expected an integer of at least 1/,
			],
			["no slots by head", build({ projectedLength: [] }), OptionError, /projectedLength is empty/],
			["maxLength 0", build({ maxLength: 0 }), OptionError, /maxLength is 0; expected an integer of at least 1/],
			["a scale that is not finite", build({ scale: Number.NaN }), OptionError, /linformer: scale is NaN/],
			["an unknown sharing", build({ sharing: "kv" }), OptionError, /sharing is "kv"; expected "none", "headwise"/],
			["an unknown projection", build({ projection: "pool" }), OptionError, /projection is "pool"; expected "linear"/],
			[
				"slots by head with shared matrices",
				build({ projectedLength: [5, 6], sharing: "headwise" }),
				OptionError,
				/projectedLength is a list with sharing "headwise"/,
			],
			[
				"slots by head with pools",
				build({ projectedLength: [5, 6], projection: "mean-pool" }),
				OptionError,
				/projectedLength is a list with sharing "none" and projection "mean-pool"/,
			],
			[
				"slots for other heads",
				() => call({}, 12, { projectedLength: [5, 6, 7] }),
				OptionError,
				/projectedLength has 3 entries; expected one for each of the 2 heads/,
			],
			[
				"a longer input",
				() => call({}, 21),
				ShapeError,
				/k and v have length 21; expected at most maxLength 20: make one with a larger maxLength/,
			],
			["a call without weights", () => call({}), OptionError, /weights.E is missing; pass the weights that initialize/],
			["weights without F", () => call({ weights: { E: ones([2, 5, 20]) } }), OptionError, /weights.F is missing/],
			[
				"weights of another shape",
				() => call({ weights: { E: ones([5, 20]), F: ones([5, 20]) } }),
				ShapeError,
				/weights.E has shape \[5, 20\]; expected \[2, 5, 20\] for 2 heads with sharing "none"/,
			],
			[
				"a mask of another length",
				() => call({ keyMask: intTensor([1, 1], [2, 1]) }, 12, { projection: "mean-pool" }),
				ShapeError,
				/linformer: argument keyMask has shape \[2, 1\]; expected \[2, 12\]/,
			],
			[
				"decoding",
				() => build({})().startDecoding({ batch: 1, heads: 2, headDim: 8 }),
				OptionError,
				/there is no startDecoding, because every slot depends on all positions/,
			],
			[
				"compressing more than the matrix is for",
				() => compressSequence(ones([1, 21, 4]), ones([5, 20])),
				ShapeError,
				/compressSequence: argument x has length 21; expected at most 20/,
			],
			[
				"compressing by head",
				() => compressSequence(ones([1, 20, 4]), ones([2, 5, 20])),
				ShapeError,
				/argument matrix has shape \[2, 5, 20\]; expected \[k, maxLength\]/,
			],
		],
	);
});
