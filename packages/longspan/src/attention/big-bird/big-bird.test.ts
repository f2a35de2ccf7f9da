import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	type Attention,
	type BigBirdCallOptions,
	bigBird,
	bigBirdPresets,
	type Device,
	full,
	init,
	intTensor,
	OptionError,
	scope,
	type Tensor,
	uniform,
} from "../../index.js";
import { relativeError } from "../../testing/expect-close.js";
import { zeroPaddedRows } from "../../testing/mechanisms/longformer.js";
import { itRefuses } from "../../testing/refusals.js";
import { joinHeads, sineProjection } from "../../testing/sine-projections.js";
import { exactValues } from "../../testing/tensor-gradient.js";
import type { AttendOptions } from "../mechanism.js";
import { planStatistics } from "../plan/statistics.js";

let exact: Device;
let device: Device;
beforeAll(async () => {
	exact = await init({ device: "reference" });
	device = await init({ threads: 2 });
});
afterAll(() => {
	device.dispose();
	exact.dispose();
});

const random = (length: number, seed = 1) => uniform([1, 2, length, 16], { seed });
const inputs = (length: number) => [random(length, 1), random(length, 2), random(length, 3)] as const;
const stored = JSON.parse(readFileSync(new URL("huggingface-fixture.json", import.meta.url), "utf8"));

describe("bigBird", () => {
	it.each([
		["in training", "training", true],
		["in evaluation", "evaluation", false],
	])("gives what another implementation gave %s", (_, key, training) => {
		const { blockSize, randomBlocks, seed } = stored;
		const attend = bigBird({ ...bigBirdPresets.huggingFace, blockSize, randomBlocks, seed });
		const run = (options: BigBirdCallOptions) =>
			scope(() => {
				const [q, k, v] = [0, 1, 2].map((layer) => sineProjection(exact, stored, layer)) as [Tensor, Tensor, Tensor];
				const keyMask = intTensor(stored.attentionMask.flat(), [stored.batch, stored.length], exact);
				const out = attend(q, k, v, { keyMask, ...options });
				return joinHeads(exactValues(zeroPaddedRows(out, keyMask)), out.shape);
			});
		expect(relativeError(run({ training }), stored[key])).toBeLessThan(1e-10);
		if (training) expect(run({ randomTable: stored.randomTable })).toEqual(run({ training }));
	});

	it("is full attention up to the length at which released models switch, call by call", () => {
		scope(() => {
			const attend = bigBird({ blockSize: 8, randomBlocks: 1 });
			const outputs = (length: number, other: Attention<AttendOptions>) => other(...inputs(length)).dataSync();
			expect(outputs(56, attend)).toEqual(outputs(56, full()));
			expect(outputs(57, attend)).not.toEqual(outputs(57, full()));
			expect(outputs(56, attend)).toEqual(outputs(56, full()));
			expect(outputs(57, bigBird({ blockSize: 8, randomBlocks: 1, fullBelow: 58 }))).toEqual(outputs(57, full()));
		});
	});

	it("is full attention where the blocks of each row cover everything once", () => {
		scope(() => {
			const [q, k, v] = inputs(56);
			const out = bigBird({ blockSize: 8, randomBlocks: 9, fullBelow: 0 })(q, k, v);
			expect(relativeError(out.dataSync(), full()(q, k, v).dataSync())).toBeLessThan(2e-6);
		});
	});

	it("runs 8 blocks for each block at its defaults, and different ones in each head", () => {
		const { tiles } = bigBird().cost(16384, { heads: 12 });
		expect(tiles).toBe(12 * (2 * 256 + 2 * 7 + 252 * 8));
		const connectivity = bigBird().connectivity(4096, 3);
		if (connectivity.kind !== "tiles") throw new Error("expected tiles");
		const [{ plans, headMap }] = connectivity.parts as [(typeof connectivity.parts)[number]];
		expect(headMap).toEqual([0, 1, 2]);
		for (const plan of plans) expect(planStatistics(plan).tiles).toBe(2 * 64 + 2 * 7 + 60 * 8);
	});

	it("plans very long sequences", () => {
		for (const random of ["unbiased", "released"] as const)
			expect(bigBird({ random }).cost(2 ** 18).tiles).toBe(2 * 4096 + 2 * 7 + 4092 * 8);
	});
});

describe("bad input of bigBird", () => {
	const call = (options: object, callOptions: object = {}, length = 100) =>
		bigBird({ blockSize: 8, fullBelow: 0, ...options })(...inputs(length), callOptions);
	const rows = (count: number, block: number) => Array.from({ length: count }, () => [block]);
	itRefuses(
		() => device,
		[
			["causal", () => bigBird({ causal: true }), OptionError, /no causal form.*use longformer\(\{ causal: true \}\)/],
			[
				"decoding",
				() => bigBird().startDecoding({ batch: 1, heads: 1, headDim: 8 }),
				OptionError,
				/there is no decoding.*use longformer/,
			],
			[
				"blockSize 0",
				() => bigBird({ blockSize: 0 }),
				OptionError,
				/blockSize is 0; expected an integer of at least 1/,
			],
			["randomBlocks below 0", () => bigBird({ randomBlocks: -1 }), OptionError, /randomBlocks is -1/],
			["an even window", () => bigBird({ windowBlocks: 2 }), OptionError, /windowBlocks is 2; expected an odd number/],
			["globalBlocks below 0", () => bigBird({ globalBlocks: -1 }), OptionError, /globalBlocks is -1/],
			["maxLength 0", () => bigBird({ maxLength: 0 }), OptionError, /maxLength is 0/],
			["a fraction as fullBelow", () => bigBird({ fullBelow: 0.5 }), OptionError, /fullBelow is 0.5/],
			["a scale that is not finite", () => bigBird({ scale: Number.NaN }), OptionError, /bigBird: scale is NaN/],
			[
				"tableLengths that are no list",
				() => bigBird({ tableLengths: 1024 as unknown as number[] }),
				OptionError,
				/tableLengths is 1024; expected a list of lengths/,
			],
			["a table length of 0", () => bigBird({ tableLengths: [0] }), OptionError, /tableLengths: a length is 0/],
			["a seed that is no integer", () => bigBird({ seed: 0.5 }), OptionError, /seed is 0.5/],
			[
				"another way of drawing",
				() => bigBird({ random: "all" as "released" }),
				OptionError,
				/random is "all"; expected "unbiased" or "released"/,
			],
			[
				"another pattern of evaluation",
				() => bigBird({ evalRandom: "ones" as "zeros" }),
				OptionError,
				/evalRandom is "ones"/,
			],
			[
				"released blocks for another layout",
				() => bigBird({ random: "released", windowBlocks: 5 }),
				OptionError,
				/random is "released" with windowBlocks 5 and globalBlocks 2; expected 3 and 2/,
			],
			[
				"a length of too few blocks",
				() => call({}, {}, 32),
				OptionError,
				/length 32 has 4 blocks of 8; expected at least 5.*use a smaller blockSize, or a fullBelow above 32/,
			],
			[
				"a table of other heads",
				() => call({}, { randomTable: [rows(11, 0)] }),
				OptionError,
				/randomTable has 1 heads and 11 rows; expected 2 heads and 11 rows/,
			],
			[
				"a table of other rows",
				() => call({}, { randomTable: [rows(11, 0), rows(9, 0)] }),
				OptionError,
				/expected 2 heads and 11 rows/,
			],
			[
				"a table of blocks that are not there",
				() => call({}, { randomTable: [rows(11, 0), rows(11, 13)] }),
				OptionError,
				/names block 13; expected 0 to 12/,
			],
			[
				"training that is no flag",
				() => call({}, { training: 1 }),
				OptionError,
				/training is 1; expected true or false/,
			],
			[
				"other lengths of q and k",
				() => bigBird()(random(9), random(8), random(8)),
				Error,
				/k and v have length 8, q has 9/,
			],
		],
	);
});
