import { existsSync, readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	type Attention,
	bandPlan,
	bigBird,
	type CostSizes,
	channelTaylor,
	type Device,
	DisposedError,
	DTypeError,
	efficient,
	efficientAttention2d,
	etc,
	etcAttention,
	featureMaps,
	forAllHeads,
	full,
	fullPlan,
	type HeadPlans,
	init,
	intTensor,
	linear,
	linformer,
	localChunked,
	longformer,
	longformerLayers,
	mergeSoftmax,
	OptionError,
	ones,
	patterned,
	planStatistics,
	randomAttention,
	reformer,
	retention,
	runningState,
	ShapeError,
	scope,
	slidingWindow,
	softmaxAttention,
	sparseTransformer,
	ssd,
	starAttention,
	sum,
	type Tensor,
	type TilePlan,
	taylor,
	uniform,
	valueAndGrad,
	wholeSum,
} from "../index.js";
import { appliesTo, callOptions } from "../testing/mechanism-case.js";
import { mechanismCases } from "../testing/mechanism-cases.js";
import { itRefuses, type Refusal } from "../testing/refusals.js";

let device: Device;
beforeAll(async () => {
	device = await init({ threads: 2 });
});
afterAll(() => device.dispose());

const random = (length: number, width = 16, seed = 1, heads = 2) => uniform([1, heads, length, width], { seed });

/** What no kernel can do without: the products of every visible pair; a quarter of the prediction where there are no pairs. */
function leastFlops(attend: Attention, length: number, sizes: Required<Omit<CostSizes, "batch">>, predicted: number) {
	const { heads, headDim, valueDim } = sizes;
	const connectivity = attend.connectivity(length, heads);
	if (connectivity.kind !== "tiles") return predicted / 4;
	const perHead = ({ plans, headMap }: HeadPlans, head: number) =>
		planStatistics(plans[headMap[head % headMap.length] as number] as TilePlan).activePairs;
	let pairs = 0;
	for (let head = 0; head < heads; head++) for (const part of connectivity.parts) pairs += perHead(part, head);
	return pairs * 2 * (headDim + valueDim);
}

describe("cost is what the kernels do", () => {
	it.each(mechanismCases.map((test) => [test.name, test] as const))("%s", (_, test) => {
		const heads = test.heads ?? 2;
		const sizes = { heads, headDim: 16, valueDim: 32 };
		const fits = (length: number) => appliesTo(test, { heads, queries: length, keys: length });
		for (const length of [64, 1000, 4000].filter(fits)) {
			const predicted = test.attend.cost(length, sizes);
			scope(() => {
				const q = random(length, 16, 1, heads);
				const k = test.attend.sharesQueryKey ? q : random(length, 16, 2, heads);
				const v = random(length, 32, 3, heads);
				const shapes = Object.entries(test.extraInputs?.({ batch: 1, queries: length, keys: length, ...sizes }) ?? {});
				const extra = Object.fromEntries(shapes.map(([name, shape], at) => [name, uniform(shape, { seed: 10 + at })]));
				const attend = () => test.attend(q, k, v, callOptions(test, undefined, extra));
				scope(() => void attend()); // threads keep the scratch they needed
				const { liveBytes } = device.memoryStats();
				device.resetPeakMemory();
				device.resetWorkStats();
				attend();
				const work = device.workStats();
				const { peakBytes } = device.memoryStats();
				if (test.tilesDependOnData) expect(work.tiles).toBeLessThanOrEqual(predicted.tiles);
				else expect(work.tiles).toBe(predicted.tiles);
				// Kernels leave out what they can of tiles that are hidden in part.
				expect(work.flops).toBeLessThan(1.05 * predicted.flops);
				expect(work.flops).toBeGreaterThanOrEqual(leastFlops(test.attend, length, sizes, predicted.flops));
				// The plan and the scratch of the threads come on top; they do not grow with the length.
				expect(peakBytes - liveBytes).toBeLessThan(1.05 * predicted.bytes + 2 ** 20);
			});
		}
	});

	it("of window and linear grows with the length in time and memory, forward and backward", () => {
		const measure = (attend: Attention, length: number) =>
			scope(() => {
				const inputs = { q: random(length), k: random(length, 16, 2), v: random(length, 16, 3) };
				const { liveBytes } = device.memoryStats();
				device.resetPeakMemory();
				device.resetWorkStats();
				valueAndGrad(({ q, k, v }: typeof inputs) => sum(attend(q, k, v)))(inputs);
				return { bytes: device.memoryStats().peakBytes - liveBytes, flops: device.workStats().flops };
			});
		for (const attend of [
			slidingWindow({ window: 128 }),
			slidingWindow({ window: 128, causal: true }),
			linear(),
			linear({ causal: true }),
		]) {
			const [one, two] = [measure(attend, 2048), measure(attend, 4096)];
			expect(two.bytes).toBeLessThan(2.05 * one.bytes);
			expect(two.flops).toBeLessThan(2.1 * one.flops);
		}
		const [one, two] = [measure(full(), 2048), measure(full(), 4096)];
		expect(two.bytes).toBeLessThan(2.05 * one.bytes);
	});
});

describe("decoding sessions", () => {
	it("remember as much as their mechanism reads", () => {
		const bytesAfter = (attend: Attention, tokens: number) =>
			scope(() => {
				const session = attend.startDecoding({ batch: 1, heads: 2, headDim: 16 });
				session.append(random(tokens), random(tokens), random(tokens));
				const bytes = session.stateBytes;
				session.dispose();
				return bytes;
			});
		expect(bytesAfter(linear({ causal: true }), 500)).toBe(2 * 16 * (16 + 1) * 4);
		expect(bytesAfter(linear({ causal: true }), 5)).toBe(2 * 16 * (16 + 1) * 4);
		expect(bytesAfter(slidingWindow({ window: 10, causal: true }), 5)).toBe(2 * 2 * 11 * 16 * 4);
		expect(bytesAfter(slidingWindow({ window: 10, causal: true }), 500)).toBe(2 * 2 * 11 * 16 * 4);
		expect(bytesAfter(full({ causal: true }), 500)).toBeGreaterThanOrEqual(2 * 2 * 500 * 16 * 4);
	});

	it("need a causal mechanism and the sizes they were started with", () => {
		for (const attend of [full(), slidingWindow({ window: 3 }), linear()])
			expect(() => attend.startDecoding({ batch: 1, heads: 2, headDim: 16 })).toThrow(
				/startDecoding needs causal: true/,
			);
		const session = full({ causal: true }).startDecoding({ batch: 1, heads: 2, headDim: 16 });
		expect(() => session.append(random(1, 8), random(1), random(1))).toThrow(
			/full: argument q has shape \[1, 2, 1, 8\]; this session expects \[1, 2, length, 16\]/,
		);
		expect(() => session.append(random(2), random(1), random(2))).toThrow(ShapeError);
		session.dispose();
	});
});

describe("what is asked of every mechanism", () => {
	it.each(mechanismCases.filter(({ attend }) => attend.causal).map((test) => [test.name, test] as const))(
		"%s: sessions have sizes, and end with dispose",
		(_, { attend, heads = 2 }) => {
			expect(() => attend.startDecoding({ batch: 0, heads, headDim: 16 })).toThrow(
				/batch is 0; expected an integer of at least 1/,
			);
			expect(() => attend.cost(-1)).toThrow(/length is -1; expected an integer of at least 1/);
			scope(() => {
				const session = attend.startDecoding({ batch: 1, heads, headDim: 16 });
				const q = random(1, 16, 1, heads);
				session.append(q, q, q);
				session.dispose();
				expect(() => session.append(q, q, q)).toThrow(/this decoding session was disposed/);
			});
		},
	);
});

describe("merging partial softmax attention", () => {
	it("gives the attention over the union, also where a part or all of them see nothing", () => {
		scope(() => {
			const [q, k, v] = [random(150), random(150, 16, 2), random(150, 24, 3)];
			const part = (minOffset?: number, maxOffset?: number) =>
				softmaxAttention(q, k, v, forAllHeads(bandPlan({ rows: 150, columns: 150, minOffset, maxOffset })));
			const merged = mergeSoftmax(part(-20, -5), part(-4, 3), part(70, 90));
			const whole = mergeSoftmax(part(-20, 3), part(70, 90));
			const expected = whole.output.dataSync();
			merged.output.dataSync().forEach((value, i) => {
				expect(Math.abs(value - (expected[i] as number))).toBeLessThan(2e-6);
			});
			const nothing = mergeSoftmax(part(500, 600), part(700, 800));
			expect(nothing.output.dataSync().every((value) => value === 0)).toBe(true);
			expect(nothing.logSumExp.dataSync().every((value) => value === Number.NEGATIVE_INFINITY)).toBe(true);
		});
	});
});

describe("options whose names are unknown are refused, with the names there are", () => {
	const window = "window, attentionWindow, dilation, globalTokens, causal, scale";
	const features = "features, softmaxTemperature, orthogonal, seed";
	const makers: Readonly<Record<string, readonly [make: (options: never) => unknown, names: string]>> = {
		full: [full, "causal, scale"],
		slidingWindow: [slidingWindow, "window, causal, dilation, scale"],
		longformer: [longformer, window],
		longformerLayers: [longformerLayers, window],
		bigBird: [
			bigBird,
			"blockSize, randomBlocks, windowBlocks, globalBlocks, random, seed, evalRandom, maxLength, tableLengths, fullBelow, scale, causal",
		],
		etc: [etc, "radius, relativePositions, scale, causal"],
		etcAttention: [etcAttention, "radius, globalTokens, scale, causal"],
		sparseTransformer: [
			sparseTransformer,
			"pattern, stride, combine, layer, summary, subBlocks, causal, convention, scale",
		],
		reformer: [
			reformer,
			"preset, causal, chunkLength, numHashes, buckets, before, after, wrap, bucketMask, removeDuplicates, excludeSelf, keyScale, fullAttentionBelow, seed",
		],
		localChunked: [localChunked, "chunkLength, before, after, causal, wrap, scale"],
		randomAttention: [randomAttention, "blockSize, blocks, seed, causal, ownBlock, scale"],
		patterned: [patterned, "pattern, patternOf, causal, scale"],
		linformer: [linformer, "maxLength, projectedLength, sharing, projection, causal, scale"],
		starAttention: [starAttention, "causal"],
		linear: [linear, "causal, featureMap, normalize, epsilon"],
		taylor: [taylor, "causal, order, epsilon"],
		channelTaylor: [(options) => channelTaylor(ones([1]), ones([1]), ones([1]), options), "epsilon"],
		efficient: [efficient, "normalization, causal"],
		efficientAttention2d: [efficientAttention2d, "channels, keyChannels, valueChannels, heads, normalization"],
		ssd: [ssd, "normalize, epsilon, scale, decay"],
		retention: [retention, "decays, scale"],
		cosine: [featureMaps.cosine, "maxLength"],
		favorPlus: [featureMaps.favorPlus, features],
		randomFourier: [featureMaps.randomFourier, `${features}, smoothing`],
	};
	const expectRefused = (act: () => unknown, message: string): void => {
		expect(act).toThrow(OptionError);
		expect(act).toThrow(message);
	};
	it.each(Object.entries(makers))("of %s", (name, [make, names]) => {
		const given = (options: unknown) => () => scope(() => void make(options as never));
		expectRefused(given({ casual: true }), `${name}: casual is no option; expected ${names}`);
		expectRefused(given(null), `${name}: options is null; expected an object`);
		expectRefused(given(7), `${name}: options is 7; expected an object`);
	});

	it("of the relative positions of etc", () => {
		const relativePositions = { maxDistance: 2, ownID: 5 };
		expectRefused(
			() => etc({ radius: 1, relativePositions }),
			"etc: relativePositions.ownID is no option; expected maxDistance, ownId, otherId",
		);
	});

	const further: readonly (readonly [Attention, string])[] = [
		[longformer({ window: 1 }), "globalTokens, globalProjections"],
		[bigBird(), "training, randomTable"],
		[reformer(), "numHashes, rotations"],
		[ssd(), "logDecay, initialState"],
		[retention(), "logDecay"],
	];
	const calls = [...mechanismCases.map(({ attend }) => [attend, ""] as const), ...further];
	it.each(calls.map((call) => [call[0].description, ...call] as const))("of a call of %s", (name, attend, names) => {
		scope(() => {
			const x = random(4);
			const given = (options: unknown) => () => attend(x, x, x, options as object);
			const known = ["keyMask, weights", names].filter(Boolean).join(", ");
			expectRefused(given({ keymask: x }), `call of ${name}: keymask is no option; expected ${known}`);
			expectRefused(given(null), `call of ${name}: options is null; expected an object`);
		});
	});

	it("of a call of etc", () => {
		scope(() => {
			const sequence = { q: random(4), k: random(4), v: random(4) };
			expectRefused(
				() => etc({ radius: 1 })(sequence, sequence, { segment: [0] } as object),
				"call of etc: segment is no option; expected longMask, globalMask, tables, segments",
			);
		});
	});
});

describe("bad input gives one error that names the argument", () => {
	const q = () => random(8);
	const failures: Refusal[] = [
		[
			"window below 0",
			() => slidingWindow({ window: -1 }),
			OptionError,
			/slidingWindow: window is -1; expected an integer of at least 0/,
		],
		["window that is no integer", () => slidingWindow({ window: 1.5 }), OptionError, /window is 1.5/],
		["window that is missing", () => slidingWindow({} as { window: number }), OptionError, /window is undefined/],
		[
			"dilation 0",
			() => slidingWindow({ window: 1, dilation: 0 }),
			OptionError,
			/dilation is 0; expected an integer of at least 1/,
		],
		[
			"dilation that fits nothing",
			() => slidingWindow({ window: 1, dilation: 8 })(q(), q(), q()),
			OptionError,
			/dilation is 8 for length 8/,
		],
		[
			"dilations for other heads",
			() => slidingWindow({ window: 1, dilation: [1, 2, 3] })(q(), q(), q()),
			OptionError,
			/dilation has 3 entries; expected one for each of the 2 heads/,
		],
		["scale that is not finite", () => full({ scale: Number.NaN }), OptionError, /full: scale is NaN/],
		["epsilon below 0", () => linear({ epsilon: -1 }), OptionError, /linear: epsilon is -1/],
		[
			"causal that is no flag",
			() => linear({ causal: 1 as unknown as boolean }),
			OptionError,
			/linear: causal is 1; expected true or false/,
		],
		[
			"q of three axes",
			() => full()(ones([2, 8, 16]), q(), q()),
			ShapeError,
			/full: argument q has shape \[2, 8, 16\]/,
		],
		[
			"k of another width",
			() => full()(q(), random(8, 8), q()),
			ShapeError,
			/full: argument k has shape \[1, 2, 8, 8\]; expected \[1, 2, 8, 16\]/,
		],
		[
			"v of other heads",
			() => full()(q(), q(), random(8, 16, 1, 3)),
			ShapeError,
			/argument v has shape \[1, 3, 8, 16\]/,
		],
		[
			"no tensor at all",
			() => full()(undefined as unknown as Tensor, q(), q()),
			DTypeError,
			/full: argument q is undefined; expected a tensor/,
		],
		["length 0", () => full()(random(0), random(0), random(0)), ShapeError, /queryLength is 0; expected at least 1/],
		[
			"other key length, window",
			() => slidingWindow({ window: 1 })(q(), random(9), random(9)),
			ShapeError,
			/k and v have length 9, q has 8/,
		],
		[
			"other key length, causal",
			() => full({ causal: true })(q(), random(9), random(9)),
			ShapeError,
			/k and v have length 9, q has 8/,
		],
		[
			"other key length, causal linear",
			() => linear({ causal: true })(q(), random(9), random(9)),
			ShapeError,
			/k and v have length 9, q has 8/,
		],
		[
			"int32 values",
			() => full()(q(), q(), intTensor(new Array(256).fill(1), [1, 2, 8, 16]) as unknown as Tensor),
			DTypeError,
			/argument v is an int32 tensor/,
		],
		[
			"a mask of the wrong length",
			() => full()(q(), q(), q(), { keyMask: intTensor([1, 1], [1, 2]) }),
			ShapeError,
			/argument keyMask has shape \[1, 2\]; expected \[1, 8\]/,
		],
		[
			"a mask of the wrong length, linear",
			() => linear()(q(), q(), q(), { keyMask: intTensor([1, 1], [1, 2]) }),
			ShapeError,
			/argument keyMask has shape \[1, 2\]; expected \[1, 8\]/,
		],
		[
			"a float mask",
			() => full()(q(), q(), q(), { keyMask: ones([1, 8]) as unknown as Tensor<"int32"> }),
			DTypeError,
			/argument keyMask is an float32|a float32 tensor/,
		],
		[
			"a plan for other lengths",
			() => softmaxAttention(q(), q(), q(), forAllHeads(fullPlan(9, 9))),
			OptionError,
			/a plan is for 9 queries and 9 keys/,
		],
		[
			"a head map of the wrong length",
			() => softmaxAttention(q(), q(), q(), { plans: [fullPlan(8, 8)], headMap: [0, 0, 0] }),
			OptionError,
			/head map has 3 entries/,
		],
		[
			"a state of other sizes",
			() => runningState(q(), q(), q(), { initialState: { sum: ones([1, 2, 3, 16]), normalizer: ones([1, 2, 16]) } }),
			ShapeError,
			/initialState.sum has shape \[1, 2, 3, 16\]/,
		],
		[
			"a state without normalizer",
			() => runningState(q(), q(), q(), { initialState: { sum: ones([1, 2, 16, 16]), normalizer: null } }),
			ShapeError,
			/has no normalizer/,
		],
		[
			"a decay of another shape",
			() => runningState(q(), q(), q(), { logDecay: ones([1, 2, 7]) }),
			ShapeError,
			/logDecay has shape \[1, 2, 7\]; expected \[1, 2, 8\]/,
		],
		[
			"an epsilon that is not finite",
			() => wholeSum(q(), q(), q(), { epsilon: Number.POSITIVE_INFINITY }),
			OptionError,
			/epsilon is Infinity/,
		],
		[
			"a disposed tensor",
			() => {
				const gone = q();
				gone.dispose();
				return full()(gone, q(), q());
			},
			DisposedError,
			/used after it was disposed/,
		],
	];
	itRefuses(() => device, failures);

	it("leaves the engine working", () => {
		scope(() => expect(full()(q(), q(), q()).dataSync().every(Number.isFinite)).toBe(true));
	});
});

it("the cases of every mechanism go through the conformance suite", () => {
	const folder = new URL("../testing/mechanisms/", import.meta.url);
	for (const file of readdirSync(folder)) {
		const test = new URL(`./${file.replace(/\.ts$/, "")}/conformance.test.ts`, import.meta.url);
		expect(existsSync(test), `${file} has no ${test.pathname}`).toBe(true);
	}
});
