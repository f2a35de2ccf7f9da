import {
	bandPlan,
	causalPlan,
	dilatedBandPlan,
	encodePlans,
	fullPlan,
	gatherPlan,
	type HeadPlans,
	type TilePlan,
	tileSize,
} from "../../attention/plan/index.js";
import { transposeHeadPlans } from "../../attention/plan/transpose.js";
import { floatOutput, floats, integers, type KernelCase, kernelCase, type Tolerance } from "../kernel-case.js";
import { integersBetween, normals, uniformStream } from "../random-values.js";

export interface SoftmaxAttentionOptions {
	readonly name: string;
	/** One for all heads, or one for each head of the map. */
	readonly plans: readonly TilePlan[];
	readonly headMap?: readonly number[];
	readonly batch?: number;
	readonly heads?: number;
	readonly headDim?: number;
	readonly valueDim?: number;
	readonly scale?: number;
	/** [batch, keyLength] */
	readonly keyMask?: readonly number[];
	/** Keys of every head whose k and v are NaN. */
	readonly poisonedKeys?: readonly number[];
	/** Whether logSumExp has a gradient too; true unless said otherwise. */
	readonly sumGradient?: boolean;
	readonly tolerance?: Tolerance;
}

/** The forward kernel and its gradients; lengths are those of the first plan. */
export function softmaxAttentionCase(options: SoftmaxAttentionOptions): KernelCase {
	const { plans, headMap = [0], batch = 1, heads = 1, headDim = 16, valueDim = headDim } = options;
	const { scale = headDim ** -0.5, keyMask, poisonedKeys = [], sumGradient = true } = options;
	const { rows: queryLength, columns: keyLength } = plans[0]!;
	const headPlans: HeadPlans = { plans, headMap };
	const sizes = { batch, heads, queryLength, keyLength, headDim, valueDim };
	const queryRows = batch * heads * queryLength;
	const keyRows = batch * heads * keyLength;
	const poison = (values: readonly number[], width: number): number[] =>
		values.map((value, i) => (poisonedKeys.includes(Math.floor(i / width) % keyLength) ? NaN : value));
	const shape = `${batch} x ${heads} x ${queryLength} to ${keyLength}, ${headDim} -> ${valueDim}`;
	return kernelCase({
		name: `attention ${options.name}, ${shape}`,
		inputs: {
			q: floats(normals(queryRows * headDim, 1)),
			k: floats(poison(normals(keyRows * headDim, 2), headDim)),
			v: floats(poison(normals(keyRows * valueDim, 3), valueDim)),
			dOut: floats(normals(queryRows * valueDim, 4)),
		},
		optionalInputs: {
			dLogSumExp: sumGradient ? floats(normals(queryRows, 5)) : null,
			keyMask: keyMask ? integers(keyMask) : null,
		},
		outputs: {
			out: floatOutput(queryRows * valueDim),
			logSumExp: floatOutput(queryRows),
			dq: floatOutput(queryRows * headDim),
			dk: floatOutput(keyRows * headDim),
			dv: floatOutput(keyRows * valueDim),
		},
		tolerance: options.tolerance ?? { absolute: 2e-6, relative: 1e-5, ofLargest: 5e-6 },
		gradient: {
			upstream: { out: "dOut", logSumExp: "dLogSumExp" },
			wanted: { q: "dq", k: "dk", v: "dv" },
		},
		run(backend, b) {
			const args = { ...b, ...sizes, scale, plans: encodePlans(headPlans) };
			backend.softmaxAttention(args);
			backend.softmaxAttentionGradient({ ...args, transposedPlans: encodePlans(transposeHeadPlans(headPlans)) });
		},
	});
}

/** Random bitmaps for this many tiles, about half of the pairs. */
export function randomBitmap(tiles: number): Uint32Array {
	const next = uniformStream(tiles);
	return Uint32Array.from({ length: tiles * 2 * tileSize }, () => Math.floor(next() * 2 ** 32));
}

/** Every rule in one plan of four row tiles and five column tiles; the second row tile sees nothing. */
export function mixedPlan(rows: number, columns: number): TilePlan {
	return {
		rows,
		columns,
		rowOrder: null,
		columnOrder: null,
		runs: [
			[
				{ firstTile: 0, tiles: 1, rule: 1 },
				{ firstTile: 1, tiles: 2, rule: 2 },
			],
			[],
			[
				{ firstTile: 0, tiles: 3, rule: 3 },
				{ firstTile: 4, tiles: 1, rule: 0 },
			],
			[
				{ firstTile: 1, tiles: 2, rule: 4 },
				{ firstTile: 3, tiles: 2, rule: 5 },
			],
		],
		rules: [
			{ logWeight: Math.log(3) },
			{ notSelf: true },
			{ bitmap: randomBitmap(2) },
			{ modulus: 7, minOffset: -140, logWeight: -0.5 },
			{ minOffset: -90, maxOffset: 5, notSelf: true },
			{ bitmap: randomBitmap(3), modulus: 2, maxOffset: 100 },
		],
	};
}

/** The plan with its queries and keys in a random order. */
function shuffledPlan(rows: number, columns: number): TilePlan {
	const rule = { maxOffset: 40, minOffset: -100 };
	return gatherPlan({ rows, columns, rowList: shuffled(rows, 1), columnList: shuffled(columns, 2), rule });
}

export function shuffled(length: number, seed: number): number[] {
	const next = uniformStream(seed);
	return Array.from({ length }, (_, i) => [next(), i] as const)
		.sort((a, b) => a[0] - b[0])
		.map(([, i]) => i);
}

const squares = [1, 2, 63, 64, 65, 200];
const band = (n: number, reach: number): TilePlan =>
	bandPlan({ rows: n, columns: n, minOffset: -reach, maxOffset: reach });
const listed = gatherPlan({
	rows: 150,
	columns: 130,
	rowList: [149, 3, 77, 20],
	columnList: [5, 9, 5, 5, 129, 0, ...Array.from({ length: 70 }, (_, i) => 20 + i)],
});

export const softmaxAttentionCases: readonly KernelCase[] = [
	...squares.flatMap((n) => [
		softmaxAttentionCase({ name: "full", plans: [fullPlan(n, n)], heads: 2 }),
		softmaxAttentionCase({ name: "causal", plans: [causalPlan(n)], heads: 2 }),
		softmaxAttentionCase({ name: "band of 20", plans: [band(n, 20)], batch: 2, sumGradient: false }),
	]),
	...[16, 24, 64, 80, 128, 1, 5, 33].flatMap((headDim) => [
		softmaxAttentionCase({ name: "full", plans: [fullPlan(70, 130)], headDim }),
		softmaxAttentionCase({ name: "causal", plans: [causalPlan(130)], headDim, valueDim: 24 }),
		softmaxAttentionCase({ name: "band of 50", plans: [band(130, 50)], headDim: 24, valueDim: headDim }),
	]),
	softmaxAttentionCase({ name: "one query", plans: [fullPlan(1, 300)], heads: 3, headDim: 64 }),
	softmaxAttentionCase({ name: "one key", plans: [fullPlan(300, 1)], heads: 3 }),
	softmaxAttentionCase({ name: "causal after a cache", plans: [causalPlan(70, 200)] }),
	softmaxAttentionCase({ name: "causal, more queries than keys", plans: [causalPlan(200, 70)] }),
	softmaxAttentionCase({ name: "band of 256", plans: [band(1000, 256)], headDim: 64, heads: 2 }),
	softmaxAttentionCase({ name: "causal", plans: [causalPlan(1000)], headDim: 64 }),
	softmaxAttentionCase({
		name: "far band, late rows see nothing",
		plans: [bandPlan({ rows: 200, columns: 200, minOffset: 100 })],
	}),
	softmaxAttentionCase({
		name: "dilated",
		plans: [dilatedBandPlan({ length: 300, window: 30, dilation: 3, causal: false })],
	}),
	softmaxAttentionCase({ name: "mixed rules", plans: [mixedPlan(250, 300)], heads: 2 }),
	softmaxAttentionCase({ name: "mixed rules", plans: [mixedPlan(193, 257)], sumGradient: false }),
	softmaxAttentionCase({ name: "shuffled", plans: [shuffledPlan(150, 140)], heads: 2 }),
	softmaxAttentionCase({ name: "four queries, listed keys", plans: [listed], batch: 2 }),
	softmaxAttentionCase({
		name: "a plan a head",
		plans: [causalPlan(130), band(130, 9), fullPlan(130, 130)],
		headMap: [2, 0, 1],
		batch: 2,
		heads: 3,
	}),
	softmaxAttentionCase({
		name: "a plan for each batch entry and head",
		plans: [causalPlan(70), band(70, 9), shuffledPlan(70, 70)],
		headMap: [2, 0, 1, 1, 0, 2],
		batch: 3,
		heads: 2,
	}),
	softmaxAttentionCase({
		name: "key mask",
		plans: [causalPlan(200)],
		batch: 2,
		heads: 2,
		keyMask: integersBetween(400, 6, 0, 2),
	}),
	softmaxAttentionCase({
		name: "key mask that hides whole tiles and a whole entry",
		plans: [band(200, 40)],
		batch: 3,
		keyMask: Array.from({ length: 600 }, (_, i) => (i < 130 || i >= 400 ? 0 : i % 3)),
	}),
	// Only of masked keys: a device may multiply values that a rule hides by 0.
	softmaxAttentionCase({
		name: "NaN in hidden keys",
		plans: [fullPlan(70, 100)],
		heads: 2,
		keyMask: Array.from({ length: 100 }, (_, i) => (i >= 50 ? 0 : 1)),
		poisonedKeys: [50, 63, 64, 99],
	}),
	softmaxAttentionCase({
		name: "large scores",
		plans: [fullPlan(130, 200)],
		scale: 30,
		tolerance: { absolute: 1e-4, relative: 1e-3, ofLargest: 1e-3 },
	}),
	softmaxAttentionCase({ name: "negative scale", plans: [causalPlan(130)], scale: -0.3 }),
	softmaxAttentionCase({ name: "scale 0", plans: [causalPlan(130)], scale: 0 }),
];
