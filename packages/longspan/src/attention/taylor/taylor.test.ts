import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	channelTaylor,
	type Device,
	init,
	intTensor,
	mul,
	neg,
	normal,
	OptionError,
	ones,
	ShapeError,
	scope,
	sum,
	type Tensor,
	taylor,
	tensor,
	transpose,
	valueAndGrad,
	zeros,
} from "../../index.js";
import { expectAllClose } from "../../testing/expect-close.js";
import { itRefuses } from "../../testing/refusals.js";
import { taylorReference } from "./reference.js";

let device: Device;
beforeAll(async () => {
	device = await init({ threads: 2 });
});
afterAll(() => device.dispose());

const draw = (length: number, width: number, seed: number) => normal([1, 2, length, width], { seed });
const close = { relative: 1e-4, absolute: 1e-5 };

/** Means of v over the visible keys. */
function means(v: Tensor, causal: boolean): number[] {
	const [, heads, length, width] = v.shape as [number, number, number, number];
	const values = v.dataSync();
	return Array.from(values, (_, at) => {
		const [head, i, c] = [Math.floor(at / width / length), Math.floor(at / width) % length, at % width];
		const last = causal ? i : length - 1;
		let total = 0;
		for (let j = 0; j <= last; j++) total += values[(head * length + j) * width + c] as number;
		expect(head).toBeLessThan(heads);
		return total / (last + 1);
	});
}

describe.each([false, true])("Taylor attention, causal %s", (causal) => {
	const attend = taylor({ causal });

	it("does not depend on the lengths of queries and keys", () => {
		scope(() => {
			const [q, k, v] = [draw(70, 16, 1), draw(70, 16, 2), draw(70, 8, 3)];
			const factors = (seed: number) =>
				tensor(
					Float32Array.from({ length: 140 }, (_, i) => 10 ** (((i * seed) % 7) - 3)),
					[1, 2, 70, 1],
				);
			const scaled = attend(mul(q, factors(3)), mul(k, factors(5)), v).dataSync();
			expectAllClose(scaled, attend(q, k, v).dataSync(), close);
		});
	});

	it("gives the mean where keys are alike, and where the query or the keys are zero", () => {
		scope(() => {
			const [q, v] = [draw(70, 16, 1), draw(70, 8, 3)];
			const expected = means(v, causal);
			const alike = mul(ones([1, 2, 70, 16]), draw(1, 16, 4));
			expectAllClose(attend(q, alike, v).dataSync(), expected, close);
			expectAllClose(attend(zeros(q.shape), q, v).dataSync(), expected, close);
			expectAllClose(attend(q, zeros(q.shape), v).dataSync(), expected, close);
			expectAllClose(attend(q, draw(70, 16, 2), ones([1, 2, 70, 3])).dataSync(), new Array(420).fill(1), close);
		});
	});

	it("stays finite where all keys point away from the query: every weight and the denominator are 0", () => {
		scope(() => {
			const q = mul(ones([1, 2, 9, 16]), draw(1, 16, 4));
			const { gradient } = valueAndGrad((p: { q: Tensor; k: Tensor; v: Tensor }) => sum(attend(p.q, p.k, p.v)))({
				...{ q, k: neg(q), v: draw(9, 4, 3) },
			});
			const out = attend(q, neg(q), draw(9, 4, 3)).dataSync();
			// Less than a mean of the values: what is left of the weights is rounding.
			expect(out.every((value) => Math.abs(value) < 5)).toBe(true);
			for (const part of Object.values(gradient)) expect(part.dataSync().every(Number.isFinite)).toBe(true);
		});
	});
});

it("of first order with a mask is that of the keys that are left", () => {
	scope(() => {
		const [q, k, v] = [draw(40, 16, 1), draw(60, 16, 2), draw(60, 8, 3)];
		const keyMask = intTensor(
			Array.from({ length: 60 }, (_, j) => Number(j % 3 > 0)),
			[1, 60],
		);
		for (const order of [1, 2] as const)
			expectAllClose(
				taylor({ order })(q, k, v, { keyMask }).dataSync(),
				taylorReference(q, k, v, { order, keyMask }).dataSync(),
				close,
			);
	});
});

it("among channels is the position form on transposed operands", () => {
	scope(() => {
		const [q, k, v] = [draw(200, 6, 1), draw(200, 10, 2), draw(200, 10, 3)];
		const [tq, tk, tv] = [q, k, v].map((x) => transpose(x, [0, 1, 3, 2])) as [Tensor, Tensor, Tensor];
		const out = channelTaylor(q, k, v);
		expect(out.shape).toEqual([1, 2, 200, 6]);
		expectAllClose(out.dataSync(), transpose(taylorReference(tq, tk, tv), [0, 1, 3, 2]).dataSync(), close);
	});
});

describe("bad input", () => {
	itRefuses(
		() => device,
		[
			["another order", () => taylor({ order: 3 as 1 }), OptionError, /taylor: order is 3; expected 1 or 2/],
			["epsilon 0", () => taylor({ epsilon: 0 }), OptionError, /taylor: epsilon is 0/],
			["causal that is no flag", () => taylor({ causal: 1 as unknown as boolean }), OptionError, /causal is 1/],
			[
				"decoding without causal",
				() => taylor().startDecoding({ batch: 1, heads: 1, headDim: 4 }),
				OptionError,
				/taylor: startDecoding needs causal: true/,
			],
			[
				"other key lengths, causal",
				() => taylor({ causal: true })(draw(8, 4, 1), draw(9, 4, 2), draw(9, 4, 3)),
				Error,
				/k and v have length 9, q has 8/,
			],
			[
				"other lengths among channels",
				() => channelTaylor(draw(8, 4, 1), draw(9, 4, 2), draw(9, 4, 3)),
				ShapeError,
				/channelTaylor: argument k has shape \[1, 2, 9, 4\]; expected \[batch, heads, length, channels\]/,
			],
			[
				"other numbers of channels of k and v",
				() => channelTaylor(draw(8, 4, 1), draw(8, 5, 2), draw(8, 6, 3)),
				ShapeError,
				/channelTaylor: k has 5 channels, v has 6/,
			],
		],
	);
});
