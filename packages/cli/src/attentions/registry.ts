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
	OptionError,
	randomAttention,
	reformer,
	retention,
	slidingWindow,
	sparseTransformer,
	ssd,
	starAttention,
	taylor,
} from "longspan";

/** An option of an attention: a number with the smallest value it takes. */
export interface NumberOption {
	readonly default: number;
	readonly min: number;
	readonly summary: string;
}

/** An attention the command can compare. */
export interface AttentionEntry {
	readonly name: string;
	/** One line for the help. */
	readonly summary: string;
	/** Options by name. The first may be given without its name: `window:512` is `window:window=512`. */
	readonly options: Readonly<Record<string, NumberOption>>;
	/**
	 * The mechanism for sequences of up to `length` tokens, which the sizes of weights and lists of positions depend on; throws
	 * `OptionError` if it has no form of this causality or none for this length.
	 */
	create(options: Readonly<Record<string, number>>, causal: boolean, length: number): Attention;
}

/** Gives `create` the type of the options that are declared. */
function entry<Option extends string>(definition: {
	name: string;
	summary: string;
	options: Record<Option, NumberOption>;
	create(options: Readonly<Record<Option, number>>, causal: boolean, length: number): Attention;
}): AttentionEntry {
	return definition;
}

/** Every attention by its name on the command line. The first is exact attention, the yardstick. */
export const registry: readonly AttentionEntry[] = [
	entry({
		name: "full",
		summary: "exact softmax attention to every key",
		options: {},
		create: (_, causal) => full({ causal }),
	}),
	entry({
		name: "window",
		summary: "softmax attention to the keys near each query (sliding window)",
		options: {
			window: { default: 256, min: 0, summary: "one-sided reach in tokens" },
			dilation: { default: 1, min: 1, summary: "distance between the keys" },
		},
		create: ({ window, dilation }, causal) => slidingWindow({ window, dilation, causal }),
	}),
	entry({
		name: "longformer",
		summary: "a window around each query and a few global tokens at the start (Longformer)",
		options: {
			window: { default: 256, min: 0, summary: "one-sided reach in tokens" },
			globals: { default: 1, min: 0, summary: "number of global tokens" },
		},
		create: ({ window, globals }, causal, length) => {
			const globalTokens = Array.from({ length: Math.min(globals, length) }, (_, position) => position);
			return longformer({ window, globalTokens, causal });
		},
	}),
	entry({
		name: "bigbird",
		summary: "blocks: a window, the first and the last, and random ones (BigBird); not causal",
		options: {
			block: { default: 64, min: 1, summary: "tokens in a block" },
			random: { default: 3, min: 0, summary: "random blocks of each block" },
		},
		create: ({ block, random }, causal) => bigBird({ blockSize: block, randomBlocks: random, causal }),
	}),
	entry({
		name: "etc",
		summary:
			"a window and global tokens beside the sequence, the means of its segments, which see all (ETC); not causal",
		options: {
			radius: { default: 84, min: 0, summary: "one-sided reach in tokens" },
			globals: { default: 64, min: 1, summary: "number of global tokens" },
		},
		create: ({ radius, globals }, causal) => etcAttention({ radius, globalTokens: globals, causal }),
	}),
	entry({
		name: "reformer",
		summary: "chunks of tokens sorted by a random hash, which serve as queries and keys (Reformer, LSH)",
		options: {
			chunk: { default: 64, min: 1, summary: "tokens in a chunk" },
			rounds: { default: 2, min: 1, summary: "rounds of hashing" },
		},
		create: ({ chunk, rounds }, causal) => reformer({ chunkLength: chunk, numHashes: rounds, causal }),
	}),
	entry({
		name: "sparse-strided",
		summary: "the keys near each query, and every stride-th key (Sparse Transformer)",
		options: { stride: { default: 128, min: 1, summary: "distance between the keys, and number of near ones" } },
		create: ({ stride }, causal) => sparseTransformer({ pattern: "strided", stride, causal }),
	}),
	entry({
		name: "sparse-fixed",
		summary: "the block of each query, and summary cells at the end of every block (Sparse Transformer)",
		options: {
			stride: { default: 128, min: 1, summary: "tokens in a block" },
			summary: { default: 16, min: 1, summary: "summary cells of a block" },
		},
		create: ({ stride, summary }, causal) => sparseTransformer({ pattern: "fixed", stride, summary, causal }),
	}),
	entry({
		name: "local",
		summary: "the chunk of each query and its neighbours (local layers of Reformer)",
		options: {
			chunk: { default: 64, min: 1, summary: "tokens in a chunk" },
			before: { default: 1, min: 0, summary: "chunks seen before the query's own" },
			after: { default: 0, min: 0, summary: "chunks seen after the query's own; none if causal" },
		},
		create: ({ chunk, before, after }, causal) => localChunked({ chunkLength: chunk, before, after, causal }),
	}),
	entry({
		name: "random",
		summary: "random blocks of keys, a baseline",
		options: {
			block: { default: 64, min: 1, summary: "tokens in a block" },
			blocks: { default: 3, min: 1, summary: "blocks drawn for each block of queries" },
		},
		create: ({ block, blocks }, causal) => randomAttention({ blockSize: block, blocks, causal }),
	}),
	entry({
		name: "linformer",
		summary: "keys and values projected to a fixed number of mixtures (Linformer); not causal",
		options: { slots: { default: 256, min: 1, summary: "mixtures that queries see" } },
		create: ({ slots }, causal, length) => linformer({ maxLength: length, projectedLength: slots, causal }),
	}),
	entry({
		name: "linear",
		summary: "attention through a state of fixed size, feature map elu + 1 (Linear Transformer)",
		options: {},
		create: (_, causal) => linear({ causal }),
	}),
	entry({
		name: "taylor",
		summary: "attention through a state, the exponential by its Taylor series",
		options: { order: { default: 1, min: 1, summary: "1, or 2 with headDim² features (Based)" } },
		create: ({ order }, causal) => taylor({ order: order as 1 | 2, causal }),
	}),
	entry({
		name: "efficient",
		summary:
			"attention through a state, queries and keys under a softmax each (Efficient Attention); causal: an extension",
		options: {},
		create: (_, causal) => efficient({ causal }),
	}),
	entry({
		name: "retention",
		summary: "attention through a state that decays (RetNet); causal only",
		options: {},
		create: (_, causal) => {
			if (!causal) throw new OptionError("retention: has no form that is not causal; ask for causal attention");
			return retention();
		},
	}),
	entry({
		name: "ssd",
		summary: "the state-space form (Mamba-2) with one constant decay; causal only",
		options: { halfLife: { default: 256, min: 1, summary: "tokens after which a state has decayed by half" } },
		create: ({ halfLife }, causal) => {
			if (!causal) throw new OptionError("ssd: has no form that is not causal; ask for causal attention");
			return ssd({ decay: 2 ** (-1 / halfLife) });
		},
	}),
	entry({
		name: "star",
		summary: "neighbours in a ring and a relay node that all tokens see (Star-Transformer); not causal",
		options: {},
		create: (_, causal) => starAttention({ causal }),
	}),
];

/** Name of exact attention, which the others are held against. */
export const exactName = "full";

/** Exact attention of the given causality. */
export function exactAttention(causal: boolean): Attention {
	return full({ causal });
}
