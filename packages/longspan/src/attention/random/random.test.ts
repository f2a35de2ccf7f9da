import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Device, init, OptionError, ShapeError, uniform } from "../../index.js";
import { itRefuses } from "../../testing/refusals.js";
import { drawBlocks } from "./draw-blocks.js";
import { type RandomAttentionOptions, randomAttention } from "./index.js";

let device: Device;
beforeAll(async () => {
	device = await init({ threads: 1 });
});
afterAll(() => device.dispose());

describe("draws", () => {
	const options = { blocks: 3, seed: 5, causal: false, ownBlock: false };

	it("are different blocks, each as likely as any other", () => {
		const [count, heads] = [10, 4000];
		for (const ownBlock of [false, true]) {
			const times = new Array<number>(count).fill(0);
			for (let head = 0; head < heads; head++) {
				const drawn = drawBlocks(4, count, head, { ...options, ownBlock });
				expect(new Set(drawn).size).toBe(ownBlock ? 4 : 3);
				for (const block of drawn) times[block] = (times[block] as number) + 1;
			}
			times.forEach((seen, block) => {
				const chance = ownBlock ? (block === 4 ? 1 : 3 / 9) : 3 / 10;
				// Five standard deviations.
				expect(Math.abs(seen - heads * chance)).toBeLessThanOrEqual(5 * Math.sqrt(heads * chance * (1 - chance)));
			});
		}
	});

	it("are the same for a seed and others for another, another head or another block", () => {
		const draw = (own: number, head: number, seed: number) => drawBlocks(own, 1000, head, { ...options, seed }).join();
		expect(draw(4, 0, 5)).toBe(draw(4, 0, 5));
		const others = [draw(4, 0, 5), draw(5, 0, 5), draw(4, 1, 5), draw(4, 0, 6), draw(4, 0, 5 + 2 ** 32)];
		expect(new Set(others).size).toBe(others.length);
	});

	it("are among the blocks up to the own one if causal, whatever the length", () => {
		for (let own = 0; own < 20; own++) {
			const drawn = drawBlocks(own, 20, 1, { ...options, causal: true });
			expect(drawn.length).toBe(Math.min(3, own + 1));
			expect(Math.max(...drawn)).toBeLessThanOrEqual(own);
			expect(drawBlocks(own, own + 1, 1, { ...options, causal: true })).toEqual(drawn);
		}
	});
});

describe("bad input", () => {
	const make = (options: object) => () =>
		randomAttention({ blockSize: 8, blocks: 2, ...options } as RandomAttentionOptions);
	const x = (length: number) => uniform([1, 2, length, 16], { seed: 1 });
	itRefuses(
		() => device,
		[
			["blocks of nothing", make({ blockSize: 0 }), OptionError, /blockSize is 0; expected an integer of at least 1/],
			["no blocks", make({ blocks: 0 }), OptionError, /blocks is 0/],
			["a seed below 0", make({ seed: -1 }), OptionError, /seed is -1/],
			["causal that is no flag", make({ causal: 0 }), OptionError, /causal is 0/],
			["ownBlock that is no flag", make({ ownBlock: 1 }), OptionError, /ownBlock is 1/],
			["a scale that is not finite", make({ scale: Number.NaN }), OptionError, /scale is NaN/],
			[
				"more blocks than there are",
				() => randomAttention({ blockSize: 8, blocks: 3 })(x(16), x(16), x(16)),
				OptionError,
				/blocks is 3 for 2 blocks of 8 to draw from \(length 16\); .* use smaller blocks, or full\(\)/,
			],
			[
				"more blocks than there are beside the own",
				() => randomAttention({ blockSize: 8, blocks: 2, ownBlock: true })(x(16), x(16), x(16)),
				OptionError,
				/blocks is 2 for 1 blocks of 8 to draw from \(length 16, without the query's own\)/,
			],
			[
				"other key lengths",
				() => randomAttention({ blockSize: 8, blocks: 1 })(x(9), x(8), x(8)),
				ShapeError,
				/k and v have length 8, q has 9/,
			],
			[
				"decoding that is not causal",
				() => randomAttention({ blockSize: 8, blocks: 1 }).startDecoding({ batch: 1, heads: 1, headDim: 8 }),
				OptionError,
				/startDecoding needs causal: true/,
			],
		],
	);
});
