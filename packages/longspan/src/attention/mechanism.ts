import type { Tensor } from "../tensor/tensor.js";
import type { HeadPlans } from "./plan/encode.js";

export interface AttendOptions {
	/** int32 [batch, keyLength], 1 for keys that take part, 0 for padding. Default: all take part. */
	keyMask?: Tensor<"int32"> | undefined;
}

/** Sizes a cost is asked for; defaults: batch 1, heads 1, headDim 64, valueDim = headDim. */
export interface CostSizes {
	batch?: number;
	heads?: number;
	headDim?: number;
	valueDim?: number;
}

/** What one forward call costs, known before it runs. */
export interface Cost {
	/** Floating-point operations of the matrix products, 2 per multiply-add. */
	readonly flops: number;
	/** Tiles of scores visited; 0 where there are no scores. */
	readonly tiles: number;
	/** Device memory the call takes beyond q, k and v: the output and everything alive at the peak. */
	readonly bytes: number;
}

/** Sizes of a decoding session. */
export interface DecodingSizes {
	batch: number;
	heads: number;
	headDim: number;
	/** Default: headDim. */
	valueDim?: number;
}

/**
 * Attention of a sequence that arrives piece by piece. Feeding it in pieces of any lengths gives the outputs of one call over the
 * whole.
 */
export interface DecodingSession {
	/** Number of tokens seen so far. */
	readonly position: number;
	/** Bytes of what the session remembers. */
	readonly stateBytes: number;
	/**
	 * Attends from the next tokens to all before them and themselves: a prompt in one call, then token by token.
	 *
	 * @param q [batch, heads, length, headDim]
	 * @param k [batch, heads, length, headDim]
	 * @param v [batch, heads, length, valueDim]
	 * @returns [batch, heads, length, valueDim]
	 */
	append(q: Tensor, k: Tensor, v: Tensor): Tensor;
	/** Frees what the session remembers. */
	dispose(): void;
}

/** Which pairs a mechanism connects, for statistics and pictures. */
export type Connectivity =
	/** Pairs of query and key with a score of their own. */
	| { readonly kind: "tiles"; readonly headPlans: HeadPlans }
	/** Every key (before the query, if causal) through a state of fixed size. */
	| { readonly kind: "state"; readonly causal: boolean };

/**
 * An attention mechanism with its options: call it on q, k and v.
 *
 * q: [batch, heads, queryLength, headDim], k: [batch, heads, keyLength, headDim], v: [batch, heads, keyLength, valueDim];
 * the result is [batch, heads, queryLength, valueDim] and differentiable in all three.
 */
export interface Attention {
	(q: Tensor, k: Tensor, v: Tensor, options?: AttendOptions): Tensor;
	/** The mechanism's name and options, for people. */
	readonly description: string;
	/** Whether queries see no key after their own position. */
	readonly causal: boolean;
	/** Cost of one forward call over `length` positions. */
	cost(length: number, sizes?: CostSizes): Cost;
	/** Connectivity at a length. */
	connectivity(length: number, heads?: number): Connectivity;
	/** Starts a session of incremental attention. Throws `OptionError` if the mechanism is not causal. */
	startDecoding(sizes: DecodingSizes): DecodingSession;
}

/** What a mechanism adds to its function. */
export type AttentionTraits = Pick<Attention, "description" | "causal" | "cost" | "connectivity" | "startDecoding">;

/** Joins the function of a mechanism with its traits. */
export function defineAttention(
	attend: (q: Tensor, k: Tensor, v: Tensor, options: AttendOptions) => Tensor,
	traits: AttentionTraits,
): Attention {
	return Object.assign(
		(q: Tensor, k: Tensor, v: Tensor, options: AttendOptions = {}) => attend(q, k, v, options),
		traits,
	);
}
