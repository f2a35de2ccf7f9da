import { add } from "../../ops/arithmetic.js";
import { embedding } from "../../ops/embedding.js";
import { matmul } from "../../ops/matmul.js";
import { reshape } from "../../ops/reshape.js";
import { concat, pad, slice } from "../../ops/slice.js";
import { transpose } from "../../ops/transpose.js";
import { intTensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Trainable tables of relative positions: row `id` is for the pairs with that id. */
export interface RelativeTables {
	/** [vocabulary, heads, headDim] */
	readonly embeddings: Tensor;
	/** [vocabulary, heads] */
	readonly biases: Tensor;
}

/** The id of a key `offset` positions after its query: 0 itself, 1..m to the right, m + 1..2m to the left, cut off at m. */
export function relativeId(offset: number, maxDistance: number): number {
	const distance = Math.min(Math.abs(offset), maxDistance);
	return offset >= 0 ? distance : maxDistance + distance;
}

/**
 * What relative positions add to the scores of each query before scaling: q_i·e_id + bias_id for the listed ids.
 *
 * @param q [batch, heads, length, headDim]
 * @returns [batch, heads, length, ids]
 */
export function relativeScores(q: Tensor, { embeddings, biases }: RelativeTables, ids: readonly number[]): Tensor {
	const [vocabulary, heads, headDim] = embeddings.shape as [number, number, number];
	return scope(() => {
		const listed = intTensor(ids, [ids.length], q.device);
		const rows = reshape(embedding(reshape(embeddings, [vocabulary, heads * headDim]), listed), [-1, heads, headDim]);
		const bias = reshape(transpose(embedding(biases, listed)), [1, heads, 1, ids.length]);
		return add(matmul(q, reshape(transpose(rows, [1, 0, 2]), [1, heads, -1, headDim]), { transposeB: true }), bias);
	});
}

/**
 * Turns row i by i places: result[i][c] = x[i][(c - i + reach) mod period], with period 2 reach + 1. What was in order of the offset
 * -reach..reach of the key is then in order of the key's position modulo the period. Rows are copied three times side by side, and
 * laid out anew with rows one shorter, so that each starts one place earlier than the row before.
 *
 * @param x [batch, heads, length, period]
 */
export function turnRows(x: Tensor): Tensor {
	const [batch, heads, length, period] = x.shape as [number, number, number, number];
	const reach = (period - 1) / 2;
	const groups = Math.ceil(length / period);
	return scope(() => {
		const tripled = pad(concat([x, x, x], 3), 2, 0, groups * period - length);
		const flat = reshape(tripled, [batch, heads, groups, 3 * period * period]);
		const shifted = pad(slice(flat, 3, reach + period), 3, 0, reach);
		const rows = slice(reshape(shifted, [batch, heads, groups, period, 3 * period - 1]), 4, 0, period);
		return slice(reshape(rows, [batch, heads, groups * period, period]), 2, 0, length);
	});
}
