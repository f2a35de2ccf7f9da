import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	add,
	type Device,
	efficient,
	efficientAttention2d,
	init,
	intTensor,
	matmul,
	mul,
	normal,
	OptionError,
	ones,
	ShapeError,
	scope,
	slice,
	sum,
	type Tensor,
	tensor,
	valueAndGrad,
	zeros,
} from "../../index.js";
import { expectAllClose, relativeError } from "../../testing/expect-close.js";
import { itRefuses } from "../../testing/refusals.js";

let device: Device;
beforeAll(async () => {
	device = await init({ threads: 2 });
});
afterAll(() => device.dispose());

const draw = (length: number, width: number, seed: number) => normal([1, 2, length, width], { seed });
const close = { relative: 1e-4, absolute: 1e-5 };

describe("efficient attention", () => {
	it("does not change when a query is shifted, or a channel of the keys, however far", () => {
		scope(() => {
			const [q, k, v] = [draw(40, 8, 1), draw(70, 8, 2), draw(70, 5, 3)];
			const expected = efficient()(q, k, v).dataSync();
			const shifted = efficient()(add(q, mul(draw(40, 1, 4), 50)), add(k, mul(draw(1, 8, 5), 100)), v).dataSync();
			expect(relativeError(shifted, expected)).toBeLessThan(1e-4);
		});
	});

	it("gives back constant values, and with scaling q kᵀ v / n with n the keys that take part", () => {
		scope(() => {
			const [q, k, v] = [draw(40, 8, 1), draw(70, 8, 2), draw(70, 5, 3)];
			expectAllClose(efficient()(q, k, ones([1, 2, 70, 3])).dataSync(), new Array(240).fill(1), close);
			const scaled = efficient({ normalization: "scaling" });
			const plain = mul(matmul(matmul(q, k, { transposeB: true }), v), 1 / 70).dataSync();
			expectAllClose(scaled(q, k, v).dataSync(), plain, close);
			const keyMask = intTensor(
				Array.from({ length: 70 }, (_, j) => Number(j < 30)),
				[1, 70],
			);
			const cut = [slice(k, 2, 0, 30), slice(v, 2, 0, 30)] as const;
			for (const attend of [scaled, efficient()])
				expectAllClose(attend(q, k, v, { keyMask }).dataSync(), attend(q, ...cut).dataSync(), close);
		});
	});
});

/** The extension row by row in float64, with logarithms: weights Σ_c exp(q_ic + k_jc). */
function rowByRow(q: Float32Array, k: Float32Array, v: Float32Array, length: number, width: number, columns: number) {
	const out = new Float64Array(length * columns);
	for (let i = 0; i < length; i++) {
		const logs = Array.from({ length: i + 1 }, (_, j) => {
			const terms = Array.from(
				{ length: width },
				(_, c) => (q[i * width + c] as number) + (k[j * width + c] as number),
			);
			const largest = Math.max(...terms);
			return largest + Math.log(terms.reduce((total, term) => total + Math.exp(term - largest), 0));
		});
		const largest = Math.max(...logs);
		const weights = logs.map((log) => Math.exp(log - largest));
		const total = weights.reduce((a, b) => a + b, 0);
		weights.forEach((weight, j) => {
			for (let c = 0; c < columns; c++)
				out[i * columns + c] = (out[i * columns + c] as number) + (weight / total) * (v[j * columns + c] as number);
		});
	}
	return out;
}

describe("the causal extension", () => {
	const [length, width, columns] = [200, 6, 3];
	const values = (seed: number, count: number) => normal([count], { seed }).dataSync();
	/** Keys that jump up and down by hundreds, in some channels at once. */
	const jumping = () =>
		values(2, length * width).map((value, at) => {
			const [j, c] = [Math.floor(at / width), at % width];
			if (c === 0) return value + (j < 90 ? -200 : 200);
			if (c === 1) return value + (j % 37 === 5 ? 200 : -200);
			if (c === 2) return value - 200 + 2 * j;
			return value + (c === 3 ? 3 * (100 - j) : 200);
		});
	const run = (k: Float32Array, by: (q: Tensor, k: Tensor, v: Tensor) => Tensor) => {
		const [q, v] = [values(1, length * width).map((x) => 20 * x), values(3, length * columns)];
		const [tq, tk] = [q, k].map((x) => tensor(x, [1, 1, length, width])) as [Tensor, Tensor];
		const actual = by(tq, tk, tensor(v, [1, 1, length, columns])).dataSync();
		expect(relativeError(actual, rowByRow(q, k, v, length, width, columns))).toBeLessThan(1e-4);
	};

	it("is exact for keys of ±200 that jump within a chunk, all at once and token by token", () => {
		scope(() => {
			run(jumping(), efficient({ causal: true }));
			run(
				jumping().map((value) => -value),
				efficient({ causal: true }),
			);
			run(jumping(), (q, k, v) => {
				const session = efficient({ causal: true }).startDecoding({
					batch: 1,
					heads: 1,
					headDim: width,
					valueDim: columns,
				});
				const out: number[] = [];
				for (let at = 0; at < length; ) {
					const until = Math.min(length, at + (at % 3 === 0 ? 1 : 7));
					const [tq, tk, tv] = [q, k, v].map((x) => slice(x, 2, at, until)) as [Tensor, Tensor, Tensor];
					out.push(...session.append(tq, tk, tv).dataSync());
					at = until;
				}
				session.dispose();
				return tensor(out, [1, 1, length, columns]);
			});
		});
	});

	it("has finite gradients there", () => {
		scope(() => {
			const inputs = {
				q: mul(normal([1, 1, length, width], { seed: 1 }), 20),
				k: tensor(jumping(), [1, 1, length, width]),
				v: normal([1, 1, length, columns], { seed: 3 }),
			};
			const { gradient } = valueAndGrad((p: typeof inputs) => sum(efficient({ causal: true })(p.q, p.k, p.v)))(inputs);
			for (const part of Object.values(gradient)) expect(part.dataSync().every(Number.isFinite)).toBe(true);
			// The weights of a query sum to 1.
			expect(sum(gradient.v).dataSync()[0]).toBeCloseTo(length * columns, 0);
		});
	});

	it("remembers a state of one size", () => {
		scope(() => {
			const session = efficient({ causal: true }).startDecoding({ batch: 1, heads: 2, headDim: 8, valueDim: 5 });
			for (const tokens of [3, 200]) {
				session.append(draw(tokens, 8, 1), draw(tokens, 8, 2), draw(tokens, 5, 3));
				expect(session.stateBytes).toBe(4 * 2 * (8 * 6 + 8));
			}
			session.dispose();
		});
	});
});

describe("the module for images", () => {
	it("is the released code's: convolutions, softmaxes within heads, and the input added", () => {
		scope(() => {
			const [channels, keyChannels, valueChannels, heads, height, width] = [6, 4, 10, 2, 3, 5];
			const attend = efficientAttention2d({ channels, keyChannels, valueChannels, heads });
			const weights = Object.fromEntries(
				Object.entries(attend.initialize({ seed: 3 })).map(([name, x], stream) => [
					name,
					x.rank === 1 ? normal(x.shape, { seed: 4, stream }) : x,
				]),
			) as ReturnType<typeof attend.initialize>;
			const x = normal([2, channels, height, width], { seed: 5 });
			const pixels = height * width;
			const data = x.dataSync();
			const read = Object.fromEntries(Object.entries(weights).map(([name, w]) => [name, w.dataSync()]));
			const convolve =
				(input: (c: number, p: number) => number, inputs: number, weight: Float32Array, bias: Float32Array) =>
				(o: number, p: number) => {
					let total = bias[o] as number;
					for (let c = 0; c < inputs; c++) total += input(c, p) * (weight[c * bias.length + o] as number);
					return total;
				};
			const normalised = (list: number[]) => {
				const powers = list.map(Math.exp);
				const total = powers.reduce((a, b) => a + b, 0);
				return powers.map((power) => power / total);
			};
			const range = (n: number) => Array.from({ length: n }, (_, i) => i);
			const expected: number[] = [];
			for (const b of range(2)) {
				const image = (c: number, p: number) => data[(b * channels + c) * pixels + p] as number;
				const [queries, keys, vals] = (["query", "key", "value"] as const).map((name) =>
					convolve(image, channels, read[name] as Float32Array, read[`${name}Bias`] as Float32Array),
				) as [typeof image, typeof image, typeof image];
				const attended = range(valueChannels).map(() => new Array<number>(pixels).fill(0));
				for (const h of range(heads)) {
					const own = range(keyChannels / heads).map((c) => (h * keyChannels) / heads + c);
					const keyRows = own.map((c) => normalised(range(pixels).map((p) => keys(c, p))));
					for (const p of range(pixels)) {
						const query = normalised(own.map((c) => queries(c, p)));
						for (const o of range(valueChannels / heads).map((c) => (h * valueChannels) / heads + c))
							for (const s of range(pixels))
								query.forEach((share, c) => {
									(attended[o] as number[])[p]! += share * ((keyRows[c] as number[])[s] as number) * vals(o, s);
								});
					}
				}
				const projected = convolve(
					(c, p) => (attended[c] as number[])[p] as number,
					valueChannels,
					read.output as Float32Array,
					read.outputBias as Float32Array,
				);
				for (const c of range(channels)) for (const p of range(pixels)) expected.push(image(c, p) + projected(c, p));
			}
			expectAllClose(attend(x, weights).dataSync(), expected, close);
		});
	});
});

describe("bad input", () => {
	const sizes = { channels: 6, keyChannels: 4, valueChannels: 10 };
	const q = () => draw(8, 4, 1);
	itRefuses(
		() => device,
		[
			[
				"another normalization",
				() => efficient({ normalization: "l2" as "softmax" }),
				OptionError,
				/normalization is l2; expected "softmax" or "scaling"/,
			],
			[
				"scaling with causal",
				() => efficient({ normalization: "scaling", causal: true }),
				OptionError,
				/"scaling" with causal: true; expected "softmax"/,
			],
			["causal that is no flag", () => efficient({ causal: 1 as unknown as boolean }), OptionError, /causal is 1/],
			[
				"other key lengths, causal",
				() => efficient({ causal: true })(q(), draw(9, 4, 2), draw(9, 4, 3)),
				ShapeError,
				/k and v have length 9, q has 8/,
			],
			[
				"a mask of another length",
				() => efficient()(q(), q(), q(), { keyMask: intTensor([1], [1, 1]) }),
				ShapeError,
				/keyMask has shape \[1, 1\]/,
			],
			[
				"decoding without causal",
				() => efficient().startDecoding({ batch: 1, heads: 1, headDim: 4 }),
				OptionError,
				/needs causal: true/,
			],
			[
				"heads that do not divide the keys' channels",
				() => efficientAttention2d({ ...sizes, heads: 5 }),
				OptionError,
				/keyChannels 4 is not a multiple of heads 5; .* choose heads that divide it/,
			],
			[
				"heads that do not divide the values' channels",
				() => efficientAttention2d({ ...sizes, heads: 4 }),
				OptionError,
				/valueChannels 10 is not a multiple of heads 4/,
			],
			["no channels", () => efficientAttention2d({ ...sizes, channels: 0 }), OptionError, /channels is 0/],
			[
				"an image of other channels",
				() => {
					const attend = efficientAttention2d(sizes);
					return attend(zeros([1, 5, 2, 2]), attend.initialize());
				},
				ShapeError,
				/x has shape \[1, 5, 2, 2\]; expected \[batch, 6, height, width\]/,
			],
			[
				"weights of another shape",
				() => {
					const attend = efficientAttention2d(sizes);
					return attend(zeros([1, 6, 2, 2]), { ...attend.initialize(), output: zeros([6, 6]) });
				},
				ShapeError,
				/weight output has shape \[6, 6\]; expected \[10, 6\]/,
			],
		],
	);
});
