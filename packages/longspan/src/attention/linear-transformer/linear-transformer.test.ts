import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	type Device,
	type FeatureMap,
	featureMaps,
	init,
	intTensor,
	linear,
	matmul,
	mul,
	normal,
	OptionError,
	ones,
	relu,
	reshape,
	ShapeError,
	scope,
	type Tensor,
	tensor,
} from "../../index.js";
import { expectAllClose, relativeError } from "../../testing/expect-close.js";
import { itRefuses } from "../../testing/refusals.js";
import { weightedSumReference } from "../linear/reference.js";

let device: Device;
beforeAll(async () => {
	device = await init({ threads: 2 });
});
afterAll(() => device.dispose());

const draw = (length: number, width: number, seed: number) => normal([1, 2, length, width], { seed });
const key = { side: "key", position: 0 } as const;

/** phi(q)·phi(k) of all pairs. */
const similarities = (map: FeatureMap, q: Tensor, k: Tensor) =>
	matmul(map.map(q, { side: "query", position: 0 }), map.map(k, key), { transposeB: true }).dataSync();

/** x ⊗ x, whose products are (q·k)². */
const products: FeatureMap = {
	description: "x ⊗ x",
	features: (headDim) => headDim ** 2,
	map: (x) =>
		scope(() => {
			const [batch, heads, length, width] = x.shape as [number, number, number, number];
			const [column, row] = [
				reshape(x, [batch, heads, length, width, 1]),
				reshape(x, [batch, heads, length, 1, width]),
			];
			return reshape(mul(column, row), [batch, heads, length, width ** 2]);
		}),
};

describe("linear attention", () => {
	it.each([false, true])("takes a feature map of the user's: a polynomial kernel, causal %s", (causal) => {
		scope(() => {
			const [q, k, v] = [draw(130, 6, 1), draw(130, 6, 2), draw(130, 5, 3)];
			const scores = matmul(q, k, { transposeB: true });
			const expected = weightedSumReference(mul(scores, scores), v, { causal, epsilon: 1e-6 });
			const actual = linear({ featureMap: products, causal })(q, k, v);
			expectAllClose(actual.dataSync(), expected.dataSync(), { relative: 1e-4, absolute: 1e-4 });
			expect(linear({ featureMap: products, causal }).cost(130, { headDim: 6 }).bytes).toBeGreaterThan(4 * 130 * 72);
		});
	});

	it("gives back a constant value: its weights sum to 1", () => {
		scope(() => {
			const constant = ones([1, 2, 500, 3]);
			for (const causal of [false, true])
				for (const featureMap of [featureMaps.eluPlusOne, featureMaps.favorPlus()])
					expectAllClose(
						linear({ causal, featureMap })(draw(500, 8, 1), draw(500, 8, 2), constant).dataSync(),
						new Array(3000).fill(1),
						{ relative: 1e-4 },
					);
		});
	});
});

describe("random features", () => {
	it("approximate the Gaussian and the softmax kernel, smoothing adds a constant", () => {
		scope(() => {
			const [q, k] = [mul(draw(20, 8, 1), 0.3), mul(draw(20, 8, 2), 0.3)];
			const features = 32_768;
			const scores = matmul(q, k, { transposeB: true }).dataSync();
			const squares = (x: Tensor) =>
				Array.from({ length: 40 }, (_, i) =>
					x
						.dataSync()
						.slice(8 * i, 8 * i + 8)
						.reduce((s, a) => s + a * a, 0),
				);
			const [q2, k2] = [squares(q), squares(k)];
			const gaussian = scores.map((score, at) => {
				const [head, i, j] = [Math.floor(at / 400), Math.floor(at / 20) % 20, at % 20];
				return Math.exp(-0.7 * ((q2[20 * head + i] as number) / 2 + (k2[20 * head + j] as number) / 2 - score));
			});
			const error = (map: FeatureMap, expected: ArrayLike<number>) => relativeError(similarities(map, q, k), expected);
			for (const orthogonal of [false, true]) {
				const options = { features, softmaxTemperature: 0.7, orthogonal };
				expect(error(featureMaps.randomFourier(options), gaussian)).toBeLessThan(0.03);
				expect(
					error(
						featureMaps.favorPlus(options),
						scores.map((score) => Math.exp(0.7 * score)),
					),
				).toBeLessThan(0.1);
			}
			const smooth = featureMaps.randomFourier({ features, softmaxTemperature: 0.7, smoothing: 2 });
			expect(
				error(
					smooth,
					gaussian.map((value) => value + 4),
				),
			).toBeLessThan(0.01);
		});
	});

	it("are drawn along orthogonal directions, alike every time and anew for each seed", () => {
		scope(() => {
			// The features of unit vectors tell the components of the directions.
			const axes = tensor(
				Array.from({ length: 36 }, (_, at) => Number(at % 7 === 0)),
				[1, 1, 6, 6],
			);
			const logs = (seed: number) => {
				const map = featureMaps.favorPlus({ features: 12, softmaxTemperature: 1, seed });
				const rows = map.map(axes, key).dataSync();
				return Array.from({ length: 6 }, (_, direction) =>
					Array.from(
						{ length: 6 },
						(_, axis) => Math.log(rows[axis * 12 + direction] as number) + 0.5 + Math.log(12) / 2,
					),
				);
			};
			const directions = logs(4);
			const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
			directions.forEach((a, i) => {
				directions.forEach((b, j) => {
					if (i !== j) expect(Math.abs(dot(a, b))).toBeLessThan(1e-4);
				});
			});
			const lengths = directions.map((a) => Math.sqrt(dot(a, a)));
			expect(Math.max(...lengths) / Math.min(...lengths)).toBeGreaterThan(1.1);
			expect(logs(4)).toEqual(directions);
			expect(logs(5)).not.toEqual(directions);
		});
	});
});

describe("the cosine map", () => {
	it("weighs by relu(q)·relu(k) cos(pi (i - j) / 2M)", () => {
		scope(() => {
			const [q, k] = [draw(30, 4, 1), draw(30, 4, 2)];
			const plain = matmul(relu(q), relu(k), { transposeB: true }).dataSync();
			const expected = plain.map((value, at) => {
				const [i, j] = [Math.floor(at / 30) % 30, at % 30];
				return value * Math.cos((Math.PI * (i - j)) / 80);
			});
			expectAllClose(similarities(featureMaps.cosine({ maxLength: 40 }), q, k), expected, {
				relative: 1e-5,
				absolute: 1e-5,
			});
		});
	});
});

describe("bad input", () => {
	const q = () => draw(8, 4, 1);
	itRefuses(
		() => device,
		[
			[
				"a feature map that is none",
				() => linear({ featureMap: "relu" as unknown as FeatureMap }),
				OptionError,
				/linear: featureMap is relu; expected one of featureMaps or an object/,
			],
			[
				"normalize that is no flag",
				() => linear({ normalize: 0 as unknown as boolean }),
				OptionError,
				/normalize is 0/,
			],
			[
				"an odd number of random features",
				() => featureMaps.favorPlus({ features: 7 }),
				OptionError,
				/favorPlus: features is 7; expected an even number/,
			],
			[
				"no random features",
				() => featureMaps.randomFourier({ features: 0 }),
				OptionError,
				/features is 0; expected an integer of at least 2/,
			],
			[
				"a temperature below 0",
				() => featureMaps.favorPlus({ softmaxTemperature: -1 }),
				OptionError,
				/softmaxTemperature is -1/,
			],
			["a seed that is no integer", () => featureMaps.favorPlus({ seed: 0.5 }), OptionError, /seed is 0.5/],
			["smoothing below 0", () => featureMaps.randomFourier({ smoothing: -1 }), OptionError, /smoothing is -1/],
			["a cosine without a length", () => featureMaps.cosine({ maxLength: 0 }), OptionError, /cosine: maxLength is 0/],
			[
				"a sequence longer than the cosine's",
				() => linear({ featureMap: featureMaps.cosine({ maxLength: 7 }) })(q(), q(), q()),
				OptionError,
				/cosine: maxLength is 7, and the sequence has position 7; make the feature map with a maxLength of the longest/,
			],
			[
				"keys of another width, which a map to equally many features would hide",
				() => linear({ featureMap: featureMaps.favorPlus({ features: 16 }) })(q(), draw(8, 2, 2), draw(8, 2, 3)),
				ShapeError,
				/linear: argument k has shape \[1, 2, 8, 2\]; expected \[1, 2, 8, 4\]/,
			],
			[
				"other key lengths, causal",
				() => linear({ causal: true })(q(), draw(9, 4, 2), draw(9, 4, 3)),
				ShapeError,
				/linear: k and v have length 9, q has 8; this form needs equal lengths/,
			],
			[
				"a mask of pairs",
				() => linear()(q(), q(), q(), { keyMask: intTensor(new Int32Array(64), [8, 8]) }),
				ShapeError,
				/linear: argument keyMask has shape \[8, 8\]; expected \[1, 8\] \(batch, key length\), .*; for a mask of pairs, see patterned/,
			],
			[
				"decoding without causal",
				() => linear().startDecoding({ batch: 1, heads: 2, headDim: 4 }),
				OptionError,
				/linear: startDecoding needs causal: true/,
			],
			["epsilon below 0", () => linear({ epsilon: -1 }), OptionError, /linear: epsilon is -1/],
		],
	);
});
