import type { Tensor } from "../../tensor/tensor.js";
import type { RelativeTables } from "./relative-positions.js";

export interface EtcOptions {
	/** One-sided reach of a long token among the long ones. At least 0; 84 in the paper's base model. */
	radius: number;
	/** Terms of the scores by relative position; a call then gives their tables. Default: none. */
	relativePositions?: RelativePositionOptions;
	/** Factor of the scores. Default: 1 / sqrt(headDim). */
	scale?: number;
	/** There is no causal form: true is refused. */
	causal?: boolean;
}

export interface RelativePositionOptions {
	/** Distance m at which relative positions are cut off: ids 0 (itself), 1..m (right), m + 1..2m (left). At least 1; 12 in the paper. */
	maxDistance: number;
	/** Id of a long token and the global token it belongs to. Default: 2m + 1. */
	ownId?: number;
	/** Id of other pairs of a long and a global token. Default: 2m + 2. */
	otherId?: number;
}

/** Queries, keys and values of one of the two sequences: [batch, heads, length, headDim], values [.., valueDim]. */
export interface EtcSequence {
	readonly q: Tensor;
	readonly k: Tensor;
	readonly v: Tensor;
}

export interface EtcCallOptions {
	/** int32 [batch, long length], 1 for long tokens that take part as keys. Default: all. */
	longMask?: Tensor<"int32"> | undefined;
	/** int32 [batch, global length]. Default: all. */
	globalMask?: Tensor<"int32"> | undefined;
	/** Needed with, and only with, `relativePositions`; the result is differentiable in them. */
	tables?: RelativeTables | undefined;
	/**
	 * For every long token the index of the global token it belongs to (the one of its sentence), -1 for none: one list for all batch
	 * entries or one for each. Default: no token belongs to another.
	 */
	segments?: readonly number[] | readonly (readonly number[])[] | undefined;
}
