import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	type Device,
	init,
	intTensor,
	OptionError,
	pad,
	ShapeError,
	slice,
	type Tensor,
	uniform,
} from "../../index.js";
import { itRefuses } from "../../testing/refusals.js";
import { full } from "../full/index.js";
import { type LocalChunkedOptions, localChunked } from "./index.js";
import { chunksSeen } from "./plans.js";

let device: Device;
beforeAll(async () => {
	device = await init({ threads: 1 });
});
afterAll(() => device.dispose());

const random = (length: number, seed: number) => uniform([1, 2, length, 16], { seed });
const inputs = (length: number) => [1, 2, 3].map((seed) => random(length, seed)) as [Tensor, Tensor, Tensor];

function expectClose(actual: Tensor, expected: Tensor): void {
	const values = expected.dataSync();
	actual.dataSync().forEach((value, at) => {
		expect(Math.abs(value - (values[at] as number))).toBeLessThan(2e-6);
	});
}

describe("chunks", () => {
	const options = { chunkLength: 4, before: 1, after: 1, causal: false } as const;
	it("wrap around, and count twice where there are fewer than are seen", () => {
		expect(chunksSeen(0, 5, { ...options, wrap: "circular" })).toEqual([4, 0, 1]);
		expect(chunksSeen(4, 5, { ...options, wrap: "circular" })).toEqual([3, 4, 0]);
		expect(chunksSeen(1, 2, { ...options, wrap: "circular" })).toEqual([0, 1, 0]);
		expect(chunksSeen(0, 5, { ...options, wrap: "none" })).toEqual([0, 1]);
		expect(chunksSeen(0, 5, { ...options, after: 0, causal: true, wrap: "circular" })).toEqual([0]);
	});

	it("equal those of a sequence padded to a multiple of the chunk length, with the padding masked", () => {
		const [length, padded] = [90, 96];
		const attend = localChunked({ chunkLength: 16, after: 1 });
		const list = inputs(length);
		const longer = list.map((x) => pad(x, 2, 0, padded - length)) as [Tensor, Tensor, Tensor];
		const keyMask = intTensor(
			Array.from({ length: padded }, (_, at) => Number(at < length)),
			[1, padded],
		);
		expectClose(attend(...list), slice(attend(...longer, { keyMask }), 2, 0, length));
	});

	it("give full attention to a sequence of one chunk, however often it is seen", () => {
		const list = inputs(40);
		for (const causal of [false, true])
			expectClose(localChunked({ chunkLength: 40, before: 2, causal })(...list), full({ causal })(...list));
	});
});

describe("decoding", () => {
	it("forgets the chunks that are out of sight", () => {
		const token = random(1, 1);
		const bytesAfter = (tokens: number) => {
			const session = localChunked({ chunkLength: 16, causal: true }).startDecoding({
				batch: 1,
				heads: 2,
				headDim: 16,
			});
			for (let t = 0; t < tokens; t++) session.append(token, token, token).dispose();
			const { stateBytes } = session;
			session.dispose();
			return stateBytes;
		};
		expect(bytesAfter(1500)).toBe(bytesAfter(150));
	});
});

describe("bad input", () => {
	const make = (options: object) => () => localChunked({ chunkLength: 8, ...options } as LocalChunkedOptions);
	itRefuses(
		() => device,
		[
			[
				"chunks of nothing",
				make({ chunkLength: 0 }),
				OptionError,
				/chunkLength is 0; expected an integer of at least 1/,
			],
			["chunks before below 0", make({ before: -1 }), OptionError, /before is -1/],
			["half a chunk after", make({ after: 0.5 }), OptionError, /after is 0.5/],
			["causal that is no flag", make({ causal: "yes" }), OptionError, /causal is "yes"/],
			[
				"an unknown wrap",
				make({ wrap: "within-round" }),
				OptionError,
				/wrap is "within-round"; expected "circular" or "none"/,
			],
			["a scale that is not finite", make({ scale: Number.POSITIVE_INFINITY }), OptionError, /scale is Infinity/],
			[
				"later chunks with causal",
				make({ causal: true, after: 1 }),
				OptionError,
				/after is 1 with causal: true; expected 0/,
			],
			[
				"other key lengths",
				() => localChunked({ chunkLength: 8 })(random(9, 1), random(8, 2), random(8, 3)),
				ShapeError,
				/k and v have length 8, q has 9/,
			],
			[
				"decoding that is not causal",
				() => localChunked({ chunkLength: 8 }).startDecoding({ batch: 1, heads: 1, headDim: 8 }),
				OptionError,
				/startDecoding needs causal: true/,
			],
			[
				"decoding whose wrap depends on the length",
				() =>
					localChunked({ chunkLength: 8, before: 2, causal: true }).startDecoding({ batch: 1, heads: 1, headDim: 8 }),
				OptionError,
				/startDecoding needs wrap: "none" where before is 2/,
			],
		],
	);
});
