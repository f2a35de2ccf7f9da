import type { OptionNames } from "../ops/operands.js";
import type { RandomSource } from "../ops/random.js";
import type { Tensor } from "../tensor/tensor.js";

/** What a forward pass takes beside its input and its weights. */
export interface ForwardOptions {
	/**
	 * int32 [batch, length], 1 for tokens, 0 for padding; alive until the backward pass is done. Default: all are tokens.
	 */
	keyMask?: Tensor<"int32"> | undefined;
	/**
	 * Source of the random numbers of dropout, its `step` that of the training: the same source drops the same elements. Default: none,
	 * so nothing is dropped, as in evaluation.
	 */
	random?: RandomSource | undefined;
}

export const forwardOptionNames: OptionNames<ForwardOptions> = { keyMask: true, random: true };

/** A source for part `index` of a computation, independent of those of its other parts (and of theirs). Nothing from nothing. */
export function foldIn(source: RandomSource | undefined, index: number): RandomSource | undefined {
	return source && { ...source, stream: mix(mix(source.stream ?? 0) + index + 1) };
}

/** A bijection of 32-bit words that scatters neighbours (the finaliser of MurmurHash3, Appleby 2011). */
function mix(word: number): number {
	let x = word >>> 0;
	x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
	x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
	return (x ^ (x >>> 16)) >>> 0;
}
