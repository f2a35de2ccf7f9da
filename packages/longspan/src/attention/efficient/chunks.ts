import { reshape } from "../../ops/reshape.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Most positions whose pairs are computed among themselves; a power of two. */
const mostChunkPositions = 64;

/** What the causal form remembers of the tokens so far. */
export interface EfficientState {
	/** [batch, heads, 1, headDim], the largest key of each channel. */
	readonly largest: Tensor;
	/** [batch, heads, headDim, valueDim + 1], the sum of exp(k - largest) [v, 1]ᵀ. */
	readonly sum: Tensor;
}

/** The chunk length for a sequence: a power of two that is not much longer than a short one. */
export function chunkLengthFor(length: number): number {
	return Math.min(mostChunkPositions, 2 ** Math.ceil(Math.log2(length)));
}

/** [batch, heads, length, width] as [batch, heads * length / size, size, width]. */
export function blocks(x: Tensor, size: number): Tensor {
	const [batch, heads, length, width] = x.shape as [number, number, number, number];
	return reshape(x, [batch, (heads * length) / size, size, width]);
}
