import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	type Device,
	forEachPair,
	full,
	init,
	OptionError,
	ShapeError,
	type Tensor,
	type TilePlan,
	uniform,
} from "../../index.js";
import { itRefuses } from "../../testing/refusals.js";
import { type SparseTransformerOptions, sparseTransformer } from "./index.js";
import { sparsePattern } from "./options.js";
import { visibleKeys } from "./pattern.js";
import { sparseSees, sparseTransformerReference } from "./reference.js";

let device: Device;
beforeAll(async () => {
	device = await init({ threads: 1 });
});
afterAll(() => device.dispose());

/** How often query i of a head sees key j, at [i * length + j], by the plans. */
function pairCounts(options: SparseTransformerOptions, length: number, head = 0, heads = 1): Uint8Array {
	const counts = new Uint8Array(length * length);
	const connectivity = sparseTransformer(options).connectivity(length, heads);
	if (connectivity.kind === "tiles")
		for (const { plans, headMap } of connectivity.parts)
			forEachPair(plans[headMap[head % headMap.length] as number] as TilePlan, (i, j) => {
				(counts[i * length + j] as number)++;
			});
	return counts;
}

const total = (counts: Uint8Array): number => counts.reduce((sum, count) => sum + count, 0);

/** Whether some key m leads from i to j: i sees m in one layer, m sees j in the layer below. */
function reachesAll(above: Uint8Array, below: Uint8Array, length: number): boolean {
	for (let i = 0; i < length; i++)
		for (let j = 0; j < length; j++) {
			let reached = false;
			for (let m = 0; m < length && !reached; m++) reached = above[i * length + m] === 1 && below[m * length + j] === 1;
			if (reached !== j <= i) return false;
		}
	return true;
}

const anyOptions: fc.Arbitrary<SparseTransformerOptions> = fc
	.record({
		pattern: fc.constantFrom("local", "strided", "fixed"),
		stride: fc.constantFrom(1, 2, 5, 16, 40, 64, 70),
		combine: fc.constantFrom("merged", "per-head", "interleaved", "first", "second"),
		layer: fc.nat(3),
		summary: fc.integer({ min: 1, max: 9 }),
		subBlocks: fc.integer({ min: 1, max: 3 }),
		causal: fc.boolean(),
		convention: fc.constantFrom("openai", "paper"),
	} as const)
	.filter(({ pattern, stride, summary, subBlocks }) => pattern !== "fixed" || summary * subBlocks <= stride)
	.map(({ pattern, stride, combine, layer, summary, subBlocks, causal, convention }) => ({
		...{ pattern, stride, causal, convention },
		...(pattern !== "local" && { combine }),
		...(pattern !== "local" && combine === "interleaved" && { layer }),
		...(pattern === "fixed" && { summary, subBlocks }),
	}));

describe("what a head sees", () => {
	it("is what the predicates of the paper say, each key once, in plans and in decoding", () => {
		fc.assert(
			fc.property(anyOptions, fc.integer({ min: 71, max: 180 }), (options, length) => {
				const pattern = sparsePattern(options);
				const heads = pattern.headSets.length;
				pattern.headSets.forEach((set, head) => {
					const counts = pairCounts(options, length, head, heads);
					for (let i = 0; i < length; i++) {
						const expected = Array.from({ length }, (_, j) => j).filter((j) => sparseSees(options, i, j, head));
						for (let j = 0; j < length; j++)
							if (counts[i * length + j] !== Number(sparseSees(options, i, j, head)))
								throw new Error(`head ${head}: query ${i} sees key ${j} ${counts[i * length + j]} times`);
						if (pattern.causal) expect(visibleKeys(i, set, pattern).sort((a, b) => a - b)).toEqual(expected);
					}
				});
			}),
			{ numRuns: 60 },
		);
	});

	it("has the number of pairs of the closed forms", () => {
		const [l, c, blocks] = [12, 3, 11];
		const n = l * blocks;
		const local = n * l - (l * (l - 1)) / 2;
		const strided = (l * blocks * (blocks + 1)) / 2;
		const earlierCells = (l * c * blocks * (blocks - 1)) / 2;
		const count = (options: SparseTransformerOptions) => total(pairCounts(options, n));
		expect(count({ pattern: "local", stride: l })).toBe(local);
		expect(count({ pattern: "local", stride: l, convention: "paper" })).toBe(local + n - l);
		expect(count({ pattern: "strided", stride: l, combine: "second" })).toBe(strided);
		expect(count({ pattern: "strided", stride: l })).toBe(local + strided - n);
		expect(count({ pattern: "fixed", stride: l, summary: c })).toBe((blocks * l * (l + 1)) / 2 + earlierCells);
		const cells = count({ pattern: "fixed", stride: l, summary: c, combine: "second" });
		expect(cells).toBe(earlierCells + (blocks * c * (c + 1)) / 2);
	});

	it("reaches every earlier key and no later one in two steps, if summary cells are the last of a block", () => {
		const length = 90;
		for (const stride of [9, 13]) {
			const [local, strided] = [0, 1].map((layer) =>
				pairCounts({ pattern: "strided", stride, combine: "interleaved", layer }, length),
			) as [Uint8Array, Uint8Array];
			expect(reachesAll(strided, local, length)).toBe(true);
			expect(reachesAll(local, strided, length)).toBe(true);
		}
		const fixed = { pattern: "fixed", stride: 16, summary: 2, subBlocks: 2 } as const;
		const [last, earlier] = [0, 1].map((head) => pairCounts(fixed, length, head, 2)) as [Uint8Array, Uint8Array];
		expect(reachesAll(last, last, length)).toBe(true);
		expect(reachesAll(earlier, earlier, length)).toBe(false);
		expect(reachesAll(earlier, last, length)).toBe(true);
	});
});

describe("limits", () => {
	it("are full attention", () => {
		const [q, k, v] = [1, 2, 3].map((seed) => uniform([1, 2, 90, 16], { seed })) as [Tensor, Tensor, Tensor];
		const expected = full({ causal: true })(q, k, v).dataSync();
		for (const options of [
			{ pattern: "local", stride: 90 },
			{ pattern: "strided", stride: 1 },
			{ pattern: "strided", stride: 1, combine: "second" },
			{ pattern: "fixed", stride: 1, summary: 1 },
			{ pattern: "fixed", stride: 30, summary: 30 },
		] as const)
			sparseTransformer(options)(q, k, v)
				.dataSync()
				.forEach((value, at) => {
					expect(Math.abs(value - (expected[at] as number))).toBeLessThan(2e-6);
				});
		expect(sparseTransformer({ pattern: "local", stride: 1 })(q, k, v).dataSync()).toEqual(v.dataSync());
	});
});

describe("decoding", () => {
	const bytesAfter = (options: SparseTransformerOptions, tokens: number) => {
		const session = sparseTransformer(options).startDecoding({ batch: 1, heads: 1, headDim: 16 });
		const token = uniform([1, 1, 1, 16], { seed: 1 });
		for (let t = 0; t < tokens; t++) session.append(token, token, token).dispose();
		const { stateBytes } = session;
		session.dispose();
		return stateBytes;
	};
	it("starts with sequences that are shorter than the stride", () => {
		const inputs = [1, 2, 3].map((seed) => uniform([1, 2, 5, 16], { seed })) as [Tensor, Tensor, Tensor];
		for (const options of [
			{ pattern: "strided", stride: 12 },
			{ pattern: "strided", stride: 12, combine: "second" },
			{ pattern: "fixed", stride: 12, summary: 3 },
			{ pattern: "fixed", stride: 12, summary: 3, combine: "second" },
		] as const) {
			const session = sparseTransformer(options).startDecoding({ batch: 1, heads: 2, headDim: 16 });
			const expected = sparseTransformerReference(...inputs, options).dataSync();
			session
				.append(...inputs)
				.dataSync()
				.forEach((value, at) => {
					expect(Math.abs(value - (expected[at] as number))).toBeLessThan(2e-6);
				});
			session.dispose();
		}
	});

	it("forgets what a local set or a block has left behind", () => {
		for (const options of [
			{ pattern: "local", stride: 20 },
			{ pattern: "fixed", stride: 20, combine: "first" },
		] as const)
			expect(bytesAfter(options, 2000)).toBe(bytesAfter(options, 200));
	});
});

describe("bad input", () => {
	const make = (options: object) => () => sparseTransformer(options as SparseTransformerOptions);
	const x = (length: number, heads = 2) => uniform([1, heads, length, 16], { seed: 1 });
	const call =
		(options: SparseTransformerOptions, length: number, heads = 2) =>
		() =>
			sparseTransformer(options)(x(length, heads), x(length, heads), x(length, heads));
	const fixed = { pattern: "fixed", stride: 16, summary: 4 } as const;
	itRefuses(
		() => device,
		[
			[
				"an unknown pattern",
				make({ pattern: "random", stride: 4 }),
				OptionError,
				/pattern is "random"; expected "local", "strided" or "fixed"/,
			],
			[
				"no stride",
				make({ pattern: "strided" }),
				OptionError,
				/stride is undefined; expected an integer of at least 1/,
			],
			["a stride of 0", make({ pattern: "strided", stride: 0 }), OptionError, /stride is 0/],
			[
				"an unknown combination",
				make({ ...fixed, combine: "both" }),
				OptionError,
				/combine is "both"; expected "merged"/,
			],
			[
				"an unknown convention",
				make({ ...fixed, convention: "jax" }),
				OptionError,
				/convention is "jax"; expected "openai" or "paper"/,
			],
			["causal that is no flag", make({ ...fixed, causal: 1 }), OptionError, /causal is 1/],
			["a scale that is not finite", make({ ...fixed, scale: Number.NaN }), OptionError, /scale is NaN/],
			[
				"a combination of one set",
				make({ pattern: "local", stride: 4, combine: "merged" }),
				OptionError,
				/which has one set; leave it out/,
			],
			[
				"interleaved without a layer",
				make({ ...fixed, combine: "interleaved" }),
				OptionError,
				/layer is undefined; expected an integer of at least 0/,
			],
			[
				"a layer without interleaved",
				make({ ...fixed, layer: 1 }),
				OptionError,
				/layer is 1; expected it with combine: "interleaved" only/,
			],
			[
				"summary cells of strided",
				make({ pattern: "strided", stride: 4, summary: 1 }),
				OptionError,
				/summary is 1 for pattern "strided"/,
			],
			[
				"sub-blocks of local",
				make({ pattern: "local", stride: 4, subBlocks: 2 }),
				OptionError,
				/subBlocks is 2 for pattern "local"/,
			],
			["fixed without summary", make({ pattern: "fixed", stride: 4 }), OptionError, /summary is undefined/],
			["0 summary cells", make({ ...fixed, summary: 0 }), OptionError, /summary is 0/],
			["0 sub-blocks", make({ ...fixed, subBlocks: 0 }), OptionError, /subBlocks is 0/],
			[
				"more summary cells than a block has",
				make({ ...fixed, summary: 17 }),
				OptionError,
				/summary 17 times subBlocks 1 is more than a block of stride 16/,
			],
			[
				"more sub-blocks than a block has",
				make({ ...fixed, subBlocks: 5 }),
				OptionError,
				/summary 4 times subBlocks 5 is more than a block of stride 16/,
			],
			[
				"heads that sub-blocks do not divide",
				call({ ...fixed, subBlocks: 3 }, 40),
				OptionError,
				/2 heads for 3 kinds of heads/,
			],
			[
				"one head for two sets",
				call({ ...fixed, combine: "per-head" }, 40, 1),
				OptionError,
				/1 heads for 2 kinds of heads .*; expected a multiple of 2/,
			],
			[
				"a decoding session of such heads",
				() => sparseTransformer({ ...fixed, subBlocks: 3 }).startDecoding({ batch: 1, heads: 2, headDim: 16 }),
				OptionError,
				/2 heads for 3 kinds of heads/,
			],
			[
				"a stride of the length, strided",
				call({ pattern: "strided", stride: 40 }, 40),
				OptionError,
				/stride is 40 for length 40; expected less than the length, .* use full\(\{ causal: true \}\)/,
			],
			[
				"a stride above the length, fixed",
				call({ ...fixed, causal: false }, 9),
				OptionError,
				/stride is 16 for length 9; .* use full\(\{ causal: false \}\)/,
			],
			[
				"other key lengths",
				() => sparseTransformer(fixed)(x(40), x(41), x(41)),
				ShapeError,
				/k and v have length 41, q has 40/,
			],
			[
				"decoding that is not causal",
				() => sparseTransformer({ ...fixed, causal: false }).startDecoding({ batch: 1, heads: 1, headDim: 8 }),
				OptionError,
				/startDecoding needs causal: true/,
			],
		],
	);
});
