import type { Tensor } from "../tensor/tensor.js";
import type { HeadPlans } from "./plan/encode.js";

export interface AttendOptions {
	/** int32 [batch, keyLength], 1 for keys that take part, 0 for padding. Default: all take part. */
	keyMask?: Tensor<"int32"> | undefined;
	/** Weights of a mechanism that has some, as `initialize` makes them; the result is differentiable in them. */
	weights?: AttentionWeights | undefined;
}

/** Trainable tensors of a mechanism, by name. A type, not an interface: those are no trees of tensors to TypeScript. */
export type AttentionWeights = { readonly [name: string]: Tensor };

/** What the shapes of a mechanism's weights depend on. */
export interface WeightSizes {
	heads: number;
	headDim: number;
	/** Names the random numbers the weights are drawn from. Default: 0. */
	seed?: number;
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
	/** Pairs of query and key with a score of their own: those of all parts, whose plans may be in different orders. */
	| { readonly kind: "tiles"; readonly parts: readonly HeadPlans[] }
	/** Every key (before the query, if causal) through a state of fixed size. */
	| { readonly kind: "state"; readonly causal: boolean }
	/** Every key through this many mixtures of all keys. */
	| { readonly kind: "projection"; readonly slots: number };

/** What a mechanism tells and does beside attending. */
export interface AttentionTraits {
	/** The mechanism's name and options, for people. */
	readonly description: string;
	/** Whether queries see no key after their own position. */
	readonly causal: boolean;
	/** Whether queries serve as keys, too: `k` must be the same tensor as `q`. Default: false. */
	readonly sharesQueryKey?: boolean;
	/** Draws weights for `AttendOptions.weights`. Only mechanisms that need weights have it. */
	readonly initialize?: (sizes: WeightSizes) => AttentionWeights;
	/** Cost of one forward call over `length` positions. */
	cost(length: number, sizes?: CostSizes): Cost;
	/** Connectivity at a length; where it depends on the data, that of random data. */
	connectivity(length: number, heads?: number): Connectivity;
	/** Starts a session of incremental attention. Throws `OptionError` if the mechanism is not causal. */
	startDecoding(sizes: DecodingSizes): DecodingSession;
}

/**
 * An attention mechanism with its options: call it on q, k and v.
 *
 * q: [batch, heads, queryLength, headDim], k: [batch, heads, keyLength, headDim], v: [batch, heads, keyLength, valueDim];
 * the result is [batch, heads, queryLength, valueDim] and differentiable in all three. `Options` are those a call takes, for mechanisms
 * that take more than others.
 */
export interface Attention<Options extends AttendOptions = AttendOptions> extends AttentionTraits {
	(q: Tensor, k: Tensor, v: Tensor, options?: Options): Tensor;
}
