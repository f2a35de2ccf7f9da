import { add, mul } from "../../ops/arithmetic.js";
import { embedding } from "../../ops/embedding.js";
import { matmul } from "../../ops/matmul.js";
import { type Matrix, PackedMatrix } from "../../ops/packed-matrix.js";
import { reshape } from "../../ops/reshape.js";
import { softmax } from "../../ops/softmax.js";
import { transpose } from "../../ops/transpose.js";
import { where } from "../../ops/where.js";
import { filled, intTensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { applyLinear } from "../layers/linear.js";
import { type GlobalTokensOfCall, rowsOfGlobals } from "./global-tokens.js";
import type { LongformerSelfAttentionParameters } from "./self-attention.js";

/**
 * Whether scores of so few queries cost less in the space of the inputs, `dim` wide for every head, than keys and values of all
 * positions do.
 */
export function isAbsorbedCheaper(dim: number, heads: number, count: number): boolean {
	return 2 * heads * count <= dim;
}

/**
 * Attention of the global tokens to all, without keys and values of all positions: the scores q · (W_k x + b_k) are
 * (W_kᵀ q) · x but for a constant of each query, which softmax does not see, and the mixture of W_v x + b_v is W_v of the mixture
 * of x, plus b_v.
 *
 * @param x [batch, length, dim]
 * @returns `output` [batch, heads, count, dim / heads] and `weights`, the attention probabilities [batch, heads, count, length]
 */
export function attendAbsorbed(
	{ queryGlobal, keyGlobal, valueGlobal }: LongformerSelfAttentionParameters,
	x: Tensor,
	globals: GlobalTokensOfCall,
	heads: number,
	keyMask: Tensor<"int32"> | undefined,
): { output: Tensor; weights: Tensor } {
	const [batch, length, dim] = x.shape as [number, number, number];
	const { count } = globals;
	const headDim = dim / heads;
	/** [batch, …, heads · count, width] to [heads, batch · count, width], or back: what one head's weights apply to. */
	const byHead = (rows: Tensor, width: number) =>
		reshape(transpose(reshape(rows, [batch, heads, count, width]), [1, 0, 2, 3]), [heads, batch * count, width]);
	const byEntry = (rows: Tensor, width: number) => transpose(reshape(rows, [heads, batch, count, width]), [1, 0, 2, 3]);
	const weightOf = (matrix: Matrix) => reshape(rowsOf(matrix), [heads, headDim, dim]);
	return scope(() => {
		const mixed = scope(() => {
			const projected = mul(applyLinear(rowsOfGlobals(x, globals), queryGlobal), 1 / Math.sqrt(headDim));
			const q = transpose(reshape(projected, [batch * count, heads, headDim]), [1, 0, 2]);
			const absorbed = byEntry(matmul(q, weightOf(keyGlobal.weight)), dim);
			const scores = matmul(reshape(absorbed, [batch, heads * count, dim]), x, { transposeB: true });
			const visible = keyMask
				? where(reshape(keyMask, [batch, 1, length]), scores, filled([], Number.NEGATIVE_INFINITY, x.device))
				: scores;
			const weights = softmax(visible);
			return { inputs: matmul(weights, x), weights };
		});
		const values = matmul(byHead(mixed.inputs, dim), weightOf(valueGlobal.weight), { transposeB: true });
		const biased = valueGlobal.bias ? add(values, reshape(valueGlobal.bias, [heads, 1, headDim])) : values;
		return {
			output: byEntry(biased, headDim),
			weights: reshape(mixed.weights, [batch, heads, count, length]),
		};
	});
}

/** A matrix as a tensor. */
function rowsOf(matrix: Matrix): Tensor {
	if (!(matrix instanceof PackedMatrix)) return matrix;
	const [rows] = matrix.shape;
	return embedding(
		matrix,
		intTensor(
			Int32Array.from({ length: rows }, (_, row) => row),
			[rows],
			matrix.device,
		),
	);
}
