import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	concat,
	type Device,
	type EtcCallOptions,
	type EtcOptions,
	etc,
	etcAttention,
	forEachPair,
	full,
	init,
	intTensor,
	longformer,
	mean,
	OptionError,
	ones,
	ShapeError,
	scope,
	slice,
	sum,
	type Tensor,
	type TilePlan,
	tensor,
	uniform,
	valueAndGrad,
	zeros,
} from "../../index.js";
import { relativeError } from "../../testing/expect-close.js";
import { expectSameFunction, type TensorFunction } from "../../testing/expect-same-function.js";
import { itRefuses } from "../../testing/refusals.js";
import { etcReference } from "./reference.js";
import { turnRows } from "./relative-positions.js";

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

interface Form {
	readonly batch: number;
	readonly long: number;
	readonly global: number;
	readonly radius: number;
	readonly maxDistance?: number;
	readonly segments?: "one" | "each";
	readonly masked?: boolean;
}

const heads = 2;

/** The function of a form and its definition, of q, k, v of both sequences and the tables; outputs with the global rows first. */
function functionsOf(form: Form) {
	const { batch, long, global, radius, maxDistance, segments, masked } = form;
	const sentence = (b: number) =>
		Array.from({ length: long }, (_, i) => (i % 7 === 3 ? -1 : Math.floor((i * global + b) / long) % global));
	const keptLong = (b: number, i: number) => Number(!masked || (i % 5 !== b && (b > 0 || i < long - 9)));
	const keptGlobal = (b: number, t: number) => Number(!masked || t !== b);
	const grid = (length: number, kept: (b: number, i: number) => number) =>
		Array.from({ length: batch }, (_, b) => Array.from({ length }, (__, i) => kept(b, i)));
	const lists = Array.from({ length: batch }, (_, b) =>
		segments ? sentence(segments === "each" ? b : 0) : new Array<number>(long).fill(-1),
	);
	const options: EtcOptions = { radius, ...(maxDistance && { relativePositions: { maxDistance } }) };
	const named = (list: Tensor[]) => {
		const [q, k, v, qg, kg, vg, embeddings, biases] = list as [
			Tensor,
			Tensor,
			Tensor,
			Tensor,
			Tensor,
			Tensor,
			Tensor,
			Tensor,
		];
		return {
			...{ long: { q, k, v }, global: { q: qg, k: kg, v: vg } },
			tables: maxDistance ? { embeddings, biases } : undefined,
		};
	};
	const fn =
		(on: Device): TensorFunction =>
		(...list) => {
			const { long: l, global: g, tables } = named(list);
			const call: EtcCallOptions = {
				tables,
				...(segments && { segments: segments === "each" ? lists : (lists[0] as number[]) }),
				...(masked && {
					longMask: intTensor(grid(long, keptLong).flat(), [batch, long], on),
					globalMask: intTensor(grid(global, keptGlobal).flat(), [batch, global], on),
				}),
			};
			const out = etc(options)(l, g, call);
			return concat([out.global, out.long], 2);
		};
	const definition =
		(): TensorFunction =>
		(...list) => {
			const { long: l, global: g, tables } = named(list);
			const kept = grid(global, keptGlobal).map((row, b) => [...row, ...(grid(long, keptLong)[b] as number[])]);
			return etcReference(l, g, { radius, ...(maxDistance && { maxDistance }), tables, segments: lists, kept });
		};
	const [ofLong, ofGlobal] = [
		[batch, heads, long, 16],
		[batch, heads, global, 16],
	];
	const vocabulary = 2 * (maxDistance ?? 0) + 3;
	const ofTables = maxDistance
		? [
				[vocabulary, heads, 16],
				[vocabulary, heads],
			]
		: [];
	const shapes = [ofLong, ofLong, ofLong, ofGlobal, ofGlobal, ofGlobal, ...ofTables] as number[][];
	return { fn, definition, shapes };
}

const forms: Form[] = [
	{ batch: 2, long: 100, global: 5, radius: 9 },
	{ batch: 2, long: 100, global: 5, radius: 9, masked: true },
	{ batch: 1, long: 150, global: 9, radius: 30, maxDistance: 4 },
	{ batch: 2, long: 90, global: 7, radius: 12, maxDistance: 3, segments: "each", masked: true },
	{ batch: 1, long: 130, global: 70, radius: 20, maxDistance: 12, segments: "one" },
	{ batch: 1, long: 70, global: 3, radius: 4, maxDistance: 12, segments: "one" },
	{ batch: 1, long: 40, global: 1, radius: 100, maxDistance: 1 },
	{ batch: 1, long: 1, global: 1, radius: 2, maxDistance: 2 },
	{ batch: 1, long: 60, global: 4, radius: 0, maxDistance: 2 },
];

describe.each(["reference", "wasm"])("etc on %s: output and gradients equal the dense definition", (kind) => {
	it.each(forms)("%o", (form) => {
		const { fn, definition, shapes } = functionsOf(form);
		const [on, tolerance] = kind === "wasm" ? [device, 3e-5] : [exact, 1e-10];
		expectSameFunction(on, fn, exact, definition, shapes, tolerance);
	});
});

const random = (length: number, seed: number) => uniform([1, heads, length, 16], { seed });
const sequence = (length: number, seed: number) => ({
	q: random(length, seed),
	k: random(length, seed + 1),
	v: random(length, seed + 2),
});
const tablesOf = (vocabulary: number) => ({
	embeddings: uniform([vocabulary, heads, 16], { seed: 20 }),
	biases: uniform([vocabulary, heads], { seed: 21 }),
});

describe("etc", () => {
	it("is full attention over both sequences where the radius is the length", () => {
		scope(() => {
			const [long, global] = [sequence(80, 1), sequence(6, 5)];
			const out = etc({ radius: 80 })(long, global);
			const joined = (x: "q" | "k" | "v") => concat([global[x], long[x]], 2);
			const expected = full()(joined("q"), joined("k"), joined("v")).dataSync();
			expect(relativeError(concat([out.global, out.long], 2).dataSync(), expected)).toBeLessThan(2e-6);
		});
	});

	it("is a Longformer whose global tokens come first and see the window of none", () => {
		scope(() => {
			const [long, global] = [sequence(80, 1), sequence(6, 5)];
			const out = etc({ radius: 9 })(long, global);
			const joined = (x: "q" | "k" | "v") => concat([global[x], long[x]], 2);
			const attend = longformer({ window: 9, globalTokens: [0, 1, 2, 3, 4, 5] });
			const expected = attend(joined("q"), joined("k"), joined("v")).dataSync();
			expect(relativeError(concat([out.global, out.long], 2).dataSync(), expected)).toBeLessThan(2e-6);
		});
	});

	it("does not feel tables of zeros", () => {
		scope(() => {
			const [long, global] = [sequence(80, 1), sequence(6, 5)];
			const tables = { embeddings: zeros([9, heads, 16]), biases: zeros([9, heads]) };
			const out = etc({ radius: 9, relativePositions: { maxDistance: 3 } })(long, global, { tables });
			const plain = etc({ radius: 9 })(long, global);
			for (const side of ["long", "global"] as const)
				expect(relativeError(out[side].dataSync(), plain[side].dataSync())).toBeLessThan(2e-6);
		});
	});

	it("finds the ids of pairs of the two where a table says", () => {
		scope(() => {
			const [long, global] = [sequence(30, 1), sequence(3, 5)];
			const segments = Array.from({ length: 30 }, (_, i) => i % 3);
			const run = (relative: object, tables: ReturnType<typeof tablesOf>) =>
				etc({ radius: 5, relativePositions: { maxDistance: 2, ...relative } })(long, global, { tables, segments });
			const { embeddings, biases } = tablesOf(7);
			const moved = (x: Tensor) =>
				concat([slice(x, 0, 0, 5), slice(x, 0, 6, 7), zeros([1, ...x.shape.slice(1)]), slice(x, 0, 5, 6)], 0);
			const out = run({}, { embeddings, biases });
			const other = run({ ownId: 7, otherId: 5 }, { embeddings: moved(embeddings), biases: moved(biases) });
			expect(other.long.dataSync()).toEqual(out.long.dataSync());
		});
	});

	it("grows in memory with the long length, forward and backward", () => {
		const attend = etc({ radius: 84, relativePositions: { maxDistance: 12 } });
		const peak = (length: number) =>
			scope(() => {
				const inputs = { long: sequence(length, 1), global: sequence(16, 5), tables: tablesOf(27) };
				const { liveBytes } = device.memoryStats();
				device.resetPeakMemory();
				valueAndGrad(({ long, global, tables }: typeof inputs) => {
					const out = attend(long, global, { tables });
					return sum(concat([out.long, out.global], 2));
				})(inputs);
				return device.memoryStats().peakBytes - liveBytes;
			});
		const [one, two] = [peak(1024), peak(2048)];
		expect(two).toBeLessThan(2.05 * one);
	});
});

describe("etcAttention", () => {
	const firstOfSegments = [0, 12, 24, 36, 47, 58, 69];

	it("is one step of global tokens, which are means of segments, and one of the tokens to those", () => {
		scope(() => {
			const long = sequence(80, 1);
			const means = (x: Tensor) =>
				concat(
					firstOfSegments.map((first, at) =>
						mean(slice(x, 2, first, firstOfSegments[at + 1] ?? 80), { axes: 2, keepDims: true }),
					),
					2,
				);
			const global = { q: means(long.q), k: means(long.k), v: means(long.v) };
			const attend = etc({ radius: 9 });
			const values = attend(long, global).global;
			const expected = attend(long, { ...global, v: values }).long;
			const out = etcAttention({ radius: 9, globalTokens: 7 })(long.q, long.k, long.v);
			expect(relativeError(out.dataSync(), expected.dataSync())).toBeLessThan(2e-6);
		});
	});

	it("does without the global token of a segment that is masked", () => {
		scope(() => {
			const { q, k, v } = sequence(80, 1);
			const keyMask = intTensor(
				Array.from({ length: 80 }, (_, i) => Number(i < 60)),
				[1, 80],
			);
			const early = (x: Tensor) => slice(x, 2, 0, 60);
			const out = early(etcAttention({ radius: 9, globalTokens: 4 })(q, k, v, { keyMask }));
			const expected = etcAttention({ radius: 9, globalTokens: 3 })(early(q), early(k), early(v));
			expect(relativeError(out.dataSync(), expected.dataSync())).toBeLessThan(2e-6);
		});
	});

	it("grows in memory with the length, forward and backward", () => {
		const attend = etcAttention({ radius: 84, globalTokens: 60 });
		const peak = (length: number) =>
			scope(() => {
				const inputs = sequence(length, 1);
				const { liveBytes } = device.memoryStats();
				device.resetPeakMemory();
				valueAndGrad(({ q, k, v }: typeof inputs) => sum(attend(q, k, v)))(inputs);
				return device.memoryStats().peakBytes - liveBytes;
			});
		expect(peak(4096)).toBeLessThan(2.05 * peak(2048));
	});

	it("shows its global tokens behind the tokens", () => {
		expect(etcAttention({ radius: 20, globalTokens: 3 }).connectivity(150)).toEqual(
			etc({ radius: 20 }).connectivity(150, 3),
		);
	});
});

describe("turnRows", () => {
	it("puts terms by offset in the order of the key's position modulo their number", () => {
		for (const [length, period] of [
			[1, 1],
			[4, 5],
			[10, 3],
			[14, 7],
		] as const)
			scope(() => {
				const reach = (period - 1) / 2;
				const values = Array.from({ length: length * period }, (_, at) => at);
				const turned = turnRows(tensor(values, [1, 1, length, period])).dataSync();
				for (let i = 0; i < length; i++)
					for (let offset = -reach; offset <= reach; offset++) {
						const key = (i + offset + period) % period;
						expect(turned[i * period + key]).toBe(i * period + offset + reach);
					}
			});
	});
});

describe("bad input of etc", () => {
	const call = (options: object, callOptions: object = {}, global = () => sequence(4, 5)) =>
		etc({ radius: 3, ...options })(sequence(20, 1), global(), callOptions);
	const relativePositions = { maxDistance: 2 };
	itRefuses(
		() => device,
		[
			[
				"a radius below 0",
				() => etc({ radius: -1 }),
				OptionError,
				/etc: radius is -1; expected an integer of at least 0/,
			],
			[
				"causal: true",
				() => etc({ radius: 1, causal: true }),
				OptionError,
				/etc: causal is true; there is no causal form.*use longformer\(\{ causal: true \}\)/,
			],
			["a scale that is not finite", () => etc({ radius: 1, scale: Number.NaN }), OptionError, /etc: scale is NaN/],
			[
				"ids below 0",
				() => call({ relativePositions: { maxDistance: 2, ownId: -1 } }),
				OptionError,
				/ownId is -1; expected an integer of at least 0/,
			],
			[
				"maxDistance 0",
				() => call({ relativePositions: { maxDistance: 0 } }),
				OptionError,
				/maxDistance is 0; expected an integer of at least 1/,
			],
			[
				"relative positions without tables",
				() => call({ relativePositions }),
				OptionError,
				/relativePositions needs tables in the call/,
			],
			[
				"tables without relative positions",
				() => call({}, { tables: tablesOf(7) }),
				OptionError,
				/tables are given without relativePositions/,
			],
			[
				"tables of too few ids",
				() => call({ relativePositions }, { tables: tablesOf(6) }),
				ShapeError,
				/tables.embeddings has shape \[6, 2, 16\]; expected \[at least 7, 2, 16\]/,
			],
			[
				"biases of other ids",
				() => call({ relativePositions }, { tables: { ...tablesOf(7), biases: ones([8, 2]) } }),
				ShapeError,
				/tables.biases has shape \[8, 2\]; expected \[7, 2\]/,
			],
			[
				"segments without relative positions",
				() => call({}, { segments: new Array(20).fill(0) }),
				OptionError,
				/segments are given without relativePositions/,
			],
			[
				"too few segments",
				() => call({ relativePositions }, { tables: tablesOf(7), segments: [0] }),
				OptionError,
				/segments has 1 entries; expected 20/,
			],
			[
				"segments of another batch",
				() => call({ relativePositions }, { tables: tablesOf(7), segments: [[], []] }),
				OptionError,
				/2 lists; expected one for each of the 1 batch/,
			],
			[
				"a segment that is not there",
				() => call({ relativePositions }, { tables: tablesOf(7), segments: new Array(20).fill(4) }),
				OptionError,
				/segments holds 4; expected 0 to 3/,
			],
			[
				"global tokens of another width",
				() => call({}, {}, () => ({ ...sequence(4, 5), q: ones([1, 2, 4, 8]), k: ones([1, 2, 4, 8]) })),
				ShapeError,
				/global q and v have shapes/,
			],
			[
				"keys of another length",
				() => call({}, {}, () => ({ ...sequence(4, 5), q: random(5, 1) })),
				ShapeError,
				/etc, global: k and v have length 4, q has 5/,
			],
			[
				"a mask of another length",
				() => call({}, { globalMask: intTensor([1], [1, 1]) }),
				ShapeError,
				/etc, globalMask: argument keyMask has shape \[1, 1\]; expected \[1, 4\]/,
			],
		],
	);
});

describe("bad input of etcAttention", () => {
	const sizes = { radius: 3, globalTokens: 4 };
	const q = () => random(20, 1);
	itRefuses(
		() => device,
		[
			[
				"a radius below 0",
				() => etcAttention({ ...sizes, radius: -1 }),
				OptionError,
				/etcAttention: radius is -1; expected an integer of at least 0/,
			],
			[
				"no global tokens",
				() => etcAttention({ ...sizes, globalTokens: 0 }),
				OptionError,
				/etcAttention: globalTokens is 0; expected an integer of at least 1/,
			],
			[
				"positions of global tokens",
				() => etcAttention({ ...sizes, globalTokens: [0] as unknown as number }),
				OptionError,
				/globalTokens is an array; expected an integer/,
			],
			["a scale that is not finite", () => etcAttention({ ...sizes, scale: Number.NaN }), OptionError, /scale is NaN/],
			[
				"causal: true",
				() => etcAttention({ ...sizes, causal: true }),
				OptionError,
				/etcAttention: causal is true; there is no causal form.*use longformer\(\{ causal: true \}\)/,
			],
			[
				"decoding",
				() => etcAttention(sizes).startDecoding({ batch: 1, heads: 1, headDim: 4 }),
				OptionError,
				/there is no startDecoding, because the global tokens depend on all tokens/,
			],
			[
				"keys of another length",
				() => etcAttention(sizes)(q(), random(21, 2), random(21, 3)),
				ShapeError,
				/etcAttention: k and v have length 21, q has 20/,
			],
			[
				"a mask of another length",
				() => etcAttention(sizes)(q(), q(), q(), { keyMask: intTensor([1], [1, 1]) }),
				ShapeError,
				/argument keyMask has shape \[1, 1\]; expected \[1, 20\]/,
			],
		],
	);
});

describe("cost and connectivity of etc", () => {
	it.each([[undefined], [12]])("tell what the kernels do, relative positions up to %s", (maxDistance) => {
		const relativePositions = maxDistance === undefined ? {} : { relativePositions: { maxDistance } };
		const attend = etc({ radius: 84, ...relativePositions });
		for (const [long, global] of [
			[500, 20],
			[3000, 70],
		] as const)
			scope(() => {
				const make = (length: number) => {
					const [q, k, v] = [1, 2, 3].map((seed) => uniform([1, heads, length, 16], { seed }));
					return { q, k, v } as { q: Tensor; k: Tensor; v: Tensor };
				};
				const [ofLong, ofGlobal] = [make(long), make(global)];
				const tables = { embeddings: uniform([32, heads, 16], { seed: 4 }), biases: uniform([32, heads], { seed: 5 }) };
				const run = () => attend(ofLong, ofGlobal, maxDistance === undefined ? {} : { tables });
				scope(() => void run()); // threads keep the scratch they needed
				const predicted = attend.cost(long, global, { heads, headDim: 16 });
				const { liveBytes } = device.memoryStats();
				device.resetPeakMemory();
				device.resetWorkStats();
				run();
				const work = device.workStats();
				expect(work.tiles).toBe(predicted.tiles);
				expect(work.flops).toBeLessThan(1.05 * predicted.flops);
				const bytes = device.memoryStats().peakBytes - liveBytes;
				expect(bytes).toBeLessThan(1.05 * predicted.bytes + 2 ** 20);
				expect(bytes).toBeGreaterThan(0.4 * predicted.bytes);
			});
	});

	it("connect every pair of a global token, and long ones within the radius", () => {
		const [long, global, radius] = [150, 3, 20];
		const connectivity = etc({ radius }).connectivity(long, global);
		if (connectivity.kind !== "tiles") throw new Error("expected pairs");
		const [plan] = connectivity.parts[0]?.plans ?? [];
		const seen = new Set<string>();
		forEachPair(plan as TilePlan, (i, j) => seen.add(`${i},${j}`));
		for (let i = 0; i < long + global; i++)
			for (let j = 0; j < long + global; j++)
				expect(seen.has(`${i},${j}`), `${i} to ${j}`).toBe(i >= long || j >= long || Math.abs(i - j) <= radius);
	});
});
