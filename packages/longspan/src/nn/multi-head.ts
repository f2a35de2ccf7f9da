import type { AttendOptions, Attention, AttentionWeights } from "../attention/mechanism.js";
import { OptionError } from "../errors.js";
import { matmul } from "../ops/matmul.js";
import { reshape } from "../ops/reshape.js";
import { transpose } from "../ops/transpose.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Initializer } from "./initialize.js";

/** Projections of multi-head attention, each [dim, dim], and the weights of its mechanism, none for most. */
// A type, not an interface: those are no trees of tensors to TypeScript.
export type MultiHeadParameters = {
	readonly query: Tensor;
	/** Not used by mechanisms whose queries serve as keys. */
	readonly key: Tensor;
	readonly value: Tensor;
	readonly output: Tensor;
	readonly weights: AttentionWeights;
};

/** Draws the projections with the deviation 1 / sqrt(dim), but for that of the output, which is told. */
export function multiHeadParameters(
	dim: number,
	draw: Initializer,
	outputDeviation: number,
	weights: AttentionWeights,
): MultiHeadParameters {
	const deviation = 1 / Math.sqrt(dim);
	const square = [dim, dim];
	return {
		query: draw(square, deviation),
		key: draw(square, deviation),
		value: draw(square, deviation),
		output: draw(square, outputDeviation),
		weights,
	};
}

/**
 * Multi-head self-attention (Vaswani et al. 2017, arXiv 1706.03762, section 3.2.2) with any mechanism.
 *
 * @param x [batch, length, dim]; `dim` must be a multiple of `heads`
 * @returns [batch, length, dim]
 * @throws OptionError if it is no such multiple
 */
export function multiHeadAttention(
	x: Tensor,
	{ query, key, value, output, weights }: MultiHeadParameters,
	heads: number,
	attend: Attention,
	options: AttendOptions = {},
): Tensor {
	const [batch, length, dim] = x.shape as [number, number, number];
	if (dim % heads !== 0) throw new OptionError(`multiHeadAttention: dim ${dim} is not a multiple of heads ${heads}`);
	const split = (projected: Tensor): Tensor =>
		transpose(reshape(projected, [batch, length, heads, dim / heads]), [0, 2, 1, 3]);
	return scope(() => {
		const queries = split(matmul(x, query));
		const keys = attend.sharesQueryKey ? queries : split(matmul(x, key));
		const attended = attend(queries, keys, split(matmul(x, value)), { ...options, weights });
		return matmul(reshape(transpose(attended, [0, 2, 1, 3]), [batch, length, dim]), output);
	});
}
