import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	type Device,
	featureMaps,
	init,
	linear,
	mul,
	neg,
	normal,
	OptionError,
	retention,
	runningState,
	ShapeError,
	scope,
	slice,
	softplus,
	ssd,
	type Tensor,
	tensor,
	zeros,
} from "../../index.js";
import { expectAllClose } from "../../testing/expect-close.js";
import { itRefuses } from "../../testing/refusals.js";

let device: Device;
beforeAll(async () => {
	device = await init({ threads: 2 });
});
afterAll(() => device.dispose());

const draw = (length: number, width: number, seed: number) => normal([1, 2, length, width], { seed });
const inputs = (length: number) =>
	[draw(length, 8, 1), draw(length, 8, 2), draw(length, 6, 3)] as [Tensor, Tensor, Tensor];
const decays = (length: number) => neg(softplus(normal([1, 2, length], { seed: 4 })));
const part = (x: Tensor, from: number, to: number) => slice(x, 2, from, to);
const close = { relative: 1e-4, absolute: 1e-4 };

describe("structured masked attention", () => {
	it("decays by the products of the steps between key and query", () => {
		scope(() => {
			const [q, k, v] = inputs(9);
			const logDecay = decays(9);
			const [tq, tk, tv, ta] = [q, k, v, logDecay].map((x) => x.dataSync()) as [
				Float32Array,
				Float32Array,
				Float32Array,
				Float32Array,
			];
			const expected = Array.from({ length: 2 * 9 * 6 }, (_, at) => {
				const [head, i, c] = [Math.floor(at / 54), Math.floor(at / 6) % 9, at % 6];
				let total = 0;
				let mask = 1;
				for (let j = i; j >= 0; j--) {
					let score = 0;
					for (let t = 0; t < 8; t++)
						score += (tq[(head * 9 + i) * 8 + t] as number) * (tk[(head * 9 + j) * 8 + t] as number);
					total += mask * score * (tv[(head * 9 + j) * 6 + c] as number);
					mask *= Math.exp(ta[head * 9 + j] as number);
				}
				return total;
			});
			expectAllClose(ssd()(q, k, v, { logDecay }).dataSync(), expected, close);
		});
	});

	it("without decay is linear attention with the identity map, not normalised", () => {
		scope(() => {
			const [q, k, v] = inputs(150);
			const plain = linear({ causal: true, featureMap: featureMaps.identity, normalize: false })(q, k, v).dataSync();
			expect(ssd()(q, k, v).dataSync()).toEqual(plain);
			expectAllClose(ssd()(q, k, v, { logDecay: zeros([1, 2, 150]) }).dataSync(), plain, close);
			const normalised = linear({ causal: true, featureMap: featureMaps.identity })(q, k, v).dataSync();
			expect(ssd({ normalize: true })(q, k, v).dataSync()).toEqual(normalised);
		});
	});

	it("goes on from a state, and starts anew where the decay is -Infinity", () => {
		scope(() => {
			const [q, k, v] = inputs(150);
			const logDecay = decays(150);
			const whole = ssd()(q, k, v, { logDecay });
			const options = { logDecay: part(logDecay, 0, 70), normalize: false };
			const { finalState } = runningState(part(q, 0, 70), part(k, 0, 70), part(v, 0, 70), options);
			const rest = [q, k, v].map((x) => part(x, 70, 150)) as [Tensor, Tensor, Tensor];
			const continued = ssd()(...rest, { logDecay: part(logDecay, 70, 150), initialState: finalState });
			expectAllClose(continued.dataSync(), part(whole, 70, 150).dataSync(), close);
			const values = logDecay.dataSync().map((value, at) => (at % 150 === 70 ? Number.NEGATIVE_INFINITY : value));
			const restarted = ssd()(q, k, v, { logDecay: tensor(values, [1, 2, 150]) });
			const alone = ssd()(...rest, { logDecay: part(logDecay, 70, 150) });
			expectAllClose(part(restarted, 70, 150).dataSync(), alone.dataSync(), close);
		});
	});

	it("decodes with the decays of its tokens", () => {
		scope(() => {
			const [q, k, v] = inputs(60);
			const logDecay = decays(60);
			const whole = ssd()(q, k, v, { logDecay });
			const session = ssd().startDecoding({ batch: 1, heads: 2, headDim: 8, valueDim: 6 });
			let at = 0;
			for (const length of [1, 30, 1, 1, 27]) {
				const [tq, tk, tv] = [q, k, v].map((x) => part(x, at, at + length)) as [Tensor, Tensor, Tensor];
				const out = session.append(tq, tk, tv, { logDecay: part(logDecay, at, at + length) });
				expectAllClose(out.dataSync(), part(whole, at, at + length).dataSync(), close);
				at += length;
			}
			session.dispose();
		});
	});
});

describe("retention", () => {
	it("is the recurrence with a constant decay for each head, also while decoding", () => {
		scope(() => {
			const [q, k, v] = inputs(60);
			const gammas = [0.9, 1];
			const logDecay = tensor(
				Float32Array.from({ length: 120 }, (_, at) => Math.log(gammas[Math.floor(at / 60)] as number)),
				[1, 2, 60],
			);
			const expected = ssd({ scale: 0.5 })(q, k, v, { logDecay });
			const attend = retention({ decays: gammas, scale: 0.5 });
			expectAllClose(attend(q, k, v).dataSync(), expected.dataSync(), close);
			const session = retention({ scale: 0.5 }).startDecoding({ batch: 1, heads: 2, headDim: 8, valueDim: 6 });
			const learned = { logDecay: tensor([Math.log(0.9), 0]) };
			const out = session.append(q, k, v, learned);
			expectAllClose(out.dataSync(), expected.dataSync(), close);
			session.dispose();
		});
	});
});

describe("bad input", () => {
	const call = (attend: ReturnType<typeof retention>, options = {}) => attend(...inputs(8), options);
	itRefuses(
		() => device,
		[
			[
				"a decay above 1",
				() => retention({ decays: [1.1] }),
				OptionError,
				/retention: decays\[0\] is 1.1; expected .* at most 1/,
			],
			["a decay of 0", () => retention({ decays: [0.5, 0] }), OptionError, /retention: decays\[1\] is 0/],
			[
				"one decay for all",
				() => retention({ decays: 0.5 as unknown as number[] }),
				OptionError,
				/expected an array of one decay/,
			],
			[
				"decays for other heads",
				() => call(retention({ decays: [0.5] })),
				OptionError,
				/decays has 1 entries; expected one for each of the 2 heads/,
			],
			[
				"a session for other heads",
				() => retention({ decays: [0.5] }).startDecoding({ batch: 1, heads: 2, headDim: 4 }),
				OptionError,
				/decays has 1 entries/,
			],
			[
				"a decay for each position, retention",
				() => call(retention(), { logDecay: zeros([1, 2, 8]) }),
				ShapeError,
				/logDecay has shape \[1, 2, 8\]; expected \[2\], one for each head \(ssd takes one for each position\)/,
			],
			[
				"decays of another shape, ssd",
				() => ssd()(...inputs(8), { logDecay: zeros([2]) }),
				ShapeError,
				/ssd: argument logDecay has shape \[2\]; expected \[1, 2, 8\]/,
			],
			["a scale that is no number", () => ssd({ scale: Number.NaN }), OptionError, /ssd: scale is NaN/],
			[
				"a decay that grows",
				() => ssd({ decay: 1.5 }),
				OptionError,
				/decay is 1.5; expected a number above 0 and at most 1/,
			],
			["normalize that is no flag", () => ssd({ normalize: 1 as unknown as boolean }), OptionError, /normalize is 1/],
			[
				"other key lengths",
				() => ssd()(draw(8, 4, 1), draw(9, 4, 2), draw(9, 4, 3)),
				ShapeError,
				/k and v have length 9, q has 8/,
			],
			[
				"a state with a normaliser",
				() => ssd()(...inputs(8), { initialState: { sum: zeros([1, 2, 8, 6]), normalizer: mul(zeros([1, 2, 8]), 1) } }),
				ShapeError,
				/has a normalizer, which normalize: false has no use for/,
			],
		],
	);
});
