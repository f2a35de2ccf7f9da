import type { ReceptiveField } from "longspan";

/** What heads of one kind see. */
export interface HeadPattern {
	readonly heads: readonly number[];
	/** Different pairs of query and key that are seen. */
	readonly pairs: number;
	/** The same divided by all pairs. */
	readonly density: number;
	/** Scores that are computed: more than pairs where a pair counts several times. */
	readonly scores: number;
	/** Tiles of 64 × 64 scores that are visited. */
	readonly tiles: number;
}

/** Paths from token to token over layers of one pattern. */
export interface PathStatistics {
	/** What is followed: heads of one kind, a layer of all heads, or a random graph with as many links as one of these. */
	readonly of: "heads" | "layer" | "random graph";
	/** The heads, or those that a random graph is like; null for all. */
	readonly heads: readonly number[] | null;
	/** Pairs of two different tokens of which one sees the other. */
	readonly links: number;
	/** Share of the pairs of tokens that are connected within 1, 2, … layers. */
	readonly connectedShare: readonly number[];
	/** Mean number of layers between tokens that are connected at all. */
	readonly meanHops: number;
	/** Most layers between two tokens; null if some are never connected. */
	readonly diameter: number | null;
	/** Pairs that are never connected. */
	readonly unconnected: number;
}

/** What a forward call costs at one length. */
export interface CostAtLength {
	readonly n: number;
	readonly flops: number;
	readonly tiles: number;
	readonly bytes: number;
}

/** Size of what incremental decoding remembers. */
export interface DecodingState {
	/** Bytes of all heads after this many tokens. */
	readonly sizes: readonly { readonly tokens: number; readonly bytes: number }[];
	/** Why there is none; null if there is. */
	readonly reason: string | null;
}

/** Everything an inspection found. */
export interface InspectResult {
	readonly version: string;
	readonly date: string;
	/** As given, such as `window:512`. */
	readonly attention: string;
	readonly description: string;
	readonly causal: boolean;
	/** Why it is not of the causality asked for; null if it is. */
	readonly note: string | null;
	readonly length: number;
	readonly heads: number;
	/** Width of a head that costs and states are told for. */
	readonly headDim: number;
	readonly kind: "tiles" | "state" | "projection";
	/** Tokens and what nodes a pattern has beside them; null for kinds without pairs. */
	readonly nodes: number | null;
	/** Mixtures of all keys that queries see; null for other kinds. */
	readonly slots: number | null;
	/** One for each kind of head; empty for kinds without pairs. */
	readonly patterns: readonly HeadPattern[];
	readonly paths: readonly PathStatistics[];
	/** Of a layer of all heads, after 1, 2, … layers. */
	readonly receptiveFields: readonly ReceptiveField[];
	readonly costs: readonly CostAtLength[];
	/** Lengths of the table of costs that the attention refuses. */
	readonly refused: readonly { readonly n: number; readonly reason: string }[];
	/** Exponents of the growth with the length; null where too few lengths tell. */
	readonly growth: { readonly flops: number | null; readonly tiles: number | null; readonly bytes: number | null };
	readonly decoding: DecodingState;
}
