import { ShapeError } from "../../errors.js";
import { matmul } from "../../ops/matmul.js";
import { checkOperands } from "../../ops/operands.js";
import { slice } from "../../ops/slice.js";
import { scope } from "../../tensor/scope.js";
import { formatShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";

/**
 * Compresses a sequence before keys and values are made of it, the order of fairseq's Linformer: with K = (E X) W + 1 bᵀ, and V
 * alike, `full()(q, k, v)` is its attention. `linformer` has the order of the paper, E (X W + 1 bᵀ). They differ in the bias alone, by
 * (1 - E 1) bᵀ: not at all if there is none, or if the rows of E sum to 1.
 *
 * @param x [batch, length, dim]
 * @param matrix [k, maxLength]; for a shorter x its first columns are used
 * @returns [batch, k, dim]
 * @throws ShapeError if x is longer than maxLength
 */
export function compressSequence(x: Tensor, matrix: Tensor): Tensor {
	checkOperands("compressSequence", { x, matrix });
	for (const [argument, { shape }, rank, axes] of [
		["x", x, 3, "[batch, length, dim]"],
		["matrix", matrix, 2, "[k, maxLength]"],
	] as const)
		if (shape.length !== rank)
			throw new ShapeError(`compressSequence: argument ${argument} has shape ${formatShape(shape)}; expected ${axes}`);
	const [length, longest] = [x.shape[1] as number, matrix.shape[1] as number];
	if (length > longest)
		throw new ShapeError(
			`compressSequence: argument x has length ${length}; expected at most ${longest}, the columns of matrix`,
		);
	return scope(() => matmul(length < longest ? slice(matrix, 1, 0, length) : matrix, x));
}
