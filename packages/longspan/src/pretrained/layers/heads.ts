import { reshape } from "../../ops/reshape.js";
import { transpose } from "../../ops/transpose.js";
import type { Tensor } from "../../tensor/tensor.js";

/** [batch, length, heads · headDim] to [batch, heads, length, headDim]. */
export function splitHeads(x: Tensor, heads: number): Tensor {
	const [batch, length, width] = x.shape as [number, number, number];
	return transpose(reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
}

/** [batch, heads, length, headDim] to [batch, length, heads · headDim]. */
export function joinHeads(x: Tensor): Tensor {
	const [batch, heads, length, headDim] = x.shape as [number, number, number, number];
	return reshape(transpose(x, [0, 2, 1, 3]), [batch, length, heads * headDim]);
}
