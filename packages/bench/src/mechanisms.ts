import {
	type Attention,
	bigBird,
	efficient,
	etcAttention,
	full,
	linear,
	linformer,
	localChunked,
	longformer,
	planStatistics,
	randomAttention,
	reformer,
	retention,
	slidingWindow,
	sparseTransformer,
	starAttention,
	taylor,
} from "longspan";
import { standardHeadDim, standardHeads } from "./inputs.js";

/** A mechanism as it is measured. */
export interface Subject {
	readonly name: string;
	readonly attend: (length: number) => Attention;
	/** Operations of the definition at a length: those of its visible pairs, its state or its projections. */
	readonly flops: (length: number) => number;
	/** What its rate is compared with, and the share of it to reach. */
	readonly rate?: { readonly of: "dense" | "matmul"; readonly share: number };
	/** Highest exponent of time; null for options that make it none of interest. Default: 1.1. */
	readonly timeExponent?: number | null;
}

/** Two products of a multiply-add per pair and channel. */
function pairFlops(attend: (length: number) => Attention): (length: number) => number {
	return (length) => {
		const connectivity = attend(length).connectivity(length, standardHeads);
		if (connectivity.kind !== "tiles") throw new Error("this mechanism has no pairs");
		let pairs = 0;
		for (const { plans, headMap } of connectivity.parts) {
			const counts = plans.map((plan) => planStatistics(plan).activePairs);
			for (let head = 0; head < standardHeads; head++)
				pairs += counts[headMap[head % headMap.length] as number] as number;
		}
		return 4 * standardHeadDim * pairs;
	};
}

const stateFlops = (length: number) => 4 * length * standardHeads * standardHeadDim ** 2;
const projectedLength = 256;

function overPairs(name: string, attend: (length: number) => Attention, others: Partial<Subject> = {}): Subject {
	return { name, attend, flops: pairFlops(attend), ...others };
}

function throughState(name: string, attend: Attention, others: Partial<Subject> = {}): Subject {
	return { name, attend: () => attend, flops: stateFlops, ...others };
}

/** Exact attention, which all others are held against. */
export const exact: Subject = {
	name: "full",
	attend: () => full(),
	flops: (length) => 4 * length ** 2 * standardHeads * standardHeadDim,
	timeExponent: 2.1,
};

const halfOfDense = { rate: { of: "dense", share: 50 } } as const;
const ofMatmul = (share: number) => ({ rate: { of: "matmul", share } }) as const;
const first = (count: number) => Array.from({ length: count }, (_, position) => position);

/** Every mechanism, with the options of the project's targets. */
export const subjects: readonly Subject[] = [
	overPairs("window 256", () => slidingWindow({ window: 256 }), halfOfDense),
	overPairs("window 128", () => slidingWindow({ window: 128 })),
	overPairs("longformer 256, 16 globals", () => longformer({ window: 256, globalTokens: first(16) }), halfOfDense),
	overPairs("bigbird 64, r = 3", () => bigBird({ blockSize: 64, randomBlocks: 3 }), halfOfDense),
	overPairs("etc 84, 64 globals", () => etcAttention({ radius: 84, globalTokens: 64 })),
	overPairs("strided 128", () => sparseTransformer({ pattern: "strided", stride: 128 }), {
		...halfOfDense,
		timeExponent: null,
	}),
	overPairs("fixed 128, c = 16", () => sparseTransformer({ pattern: "fixed", stride: 128, summary: 16 }), {
		...halfOfDense,
		timeExponent: null,
	}),
	overPairs("local chunks 64", () => localChunked({ chunkLength: 64 })),
	overPairs("random 64, 3 blocks", () => randomAttention({ blockSize: 64, blocks: 3 })),
	overPairs("lsh 64, 2 rounds", () => reformer({ chunkLength: 64, numHashes: 2 })),
	{
		name: "linformer 256",
		attend: (length) => linformer({ maxLength: length, projectedLength, sharing: "layerwise" }),
		flops: (length) => 8 * length * projectedLength * standardHeads * standardHeadDim,
		...ofMatmul(60),
	},
	throughState("efficient", efficient(), ofMatmul(40)),
	throughState("linear", linear(), ofMatmul(40)),
	throughState("taylor", taylor(), ofMatmul(40)),
	throughState("linear, causal", linear({ causal: true })),
	throughState("taylor, causal", taylor({ causal: true })),
	throughState("efficient, causal", efficient({ causal: true })),
	throughState("retention, causal", retention()),
	{ name: "star", attend: () => starAttention(), flops: (length) => 4 * 5 * length * standardHeads * standardHeadDim },
];
