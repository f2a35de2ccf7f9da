import { OptionError, ShapeError } from "../errors.js";
import { type CrossEntropyOptions, crossEntropy } from "../ops/cross-entropy.js";
import { matmul } from "../ops/matmul.js";
import { checkNumber, checkOperands, checkOptions } from "../ops/operands.js";
import { reshape } from "../ops/reshape.js";
import { scope } from "../tensor/scope.js";
import { formatShape, sameShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { inChunks } from "./in-chunks.js";

export interface ChunkedCrossEntropyOptions extends CrossEntropyOptions {
	/** Rows whose logits exist at once. Default: as many as have 4 million logits (16 MiB). */
	chunkRows?: number;
}

const defaultLogits = 2 ** 22;

/**
 * Cross-entropy of the scores hidden · weightᵀ, in nats, one value per target (0 where ignored), without the scores of all rows at
 * once: pieces of rows are scored one after the other, and again in the backward pass.
 *
 * @param hidden [..., dim]
 * @param weight [classes, dim], alive until the backward pass
 * @param targets int32 [...] class indices
 * @returns float32 of the shape of `targets`
 * @throws ShapeError if the shapes do not fit, OptionError for a target that is no class
 */
export function chunkedCrossEntropy(
	hidden: Tensor,
	weight: Tensor,
	targets: Tensor<"int32">,
	options: ChunkedCrossEntropyOptions = {},
): Tensor {
	const name = "chunkedCrossEntropy";
	checkOptions(name, options, { chunkRows: true, ignoreIndex: true });
	const { chunkRows, ignoreIndex = -100 } = options;
	checkOperands(name, { hidden, weight });
	checkOperands(name, { targets }, "int32");
	const [classes, dim] = weight.shape as [number, number];
	if (weight.rank !== 2 || hidden.shape[hidden.rank - 1] !== dim)
		throw new ShapeError(
			`${name}: weight has shape ${formatShape(weight.shape)}; expected [classes, ${hidden.shape[hidden.rank - 1]}] for hidden ${formatShape(hidden.shape)}`,
		);
	if (!sameShape(hidden.shape.slice(0, -1), targets.shape))
		throw new ShapeError(
			`${name}: targets has shape ${formatShape(targets.shape)}; expected ${formatShape(hidden.shape.slice(0, -1))}, that of hidden without its last axis`,
		);
	if (!Number.isInteger(ignoreIndex))
		throw new OptionError(`${name}: ignoreIndex is ${ignoreIndex}; expected an integer`);
	const rowsAtOnce = chunkRows ?? Math.max(1, Math.floor(defaultLogits / classes));
	checkNumber(name, "chunkRows", rowsAtOnce, { min: 1, integer: true });
	const rows = targets.size;
	return scope(() => {
		const losses = inChunks(
			[reshape(hidden, [rows, dim]), reshape(targets, [rows])] as [Tensor, Tensor<"int32">],
			0,
			rowsAtOnce,
			(piece, labels) => crossEntropy(matmul(piece, weight, { transposeB: true }), labels, { ignoreIndex }),
		);
		return reshape(losses, targets.shape);
	});
}
