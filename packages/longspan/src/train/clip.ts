import { add, div, mul, sub } from "../ops/arithmetic.js";
import { checkNumber } from "../ops/operands.js";
import { sum } from "../ops/reduce.js";
import { relu, sqrt } from "../ops/unary.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import type { TensorTree } from "../tensor/tree.js";
import { leavesOf, replaceTensors } from "./named-tensors.js";

/** Euclidean norm of all tensors of a gradient together, a scalar. A tensor with several places counts once. */
export function gradientNorm(gradient: TensorTree): Tensor {
	return scope(() => {
		const squares = leavesOf("gradientNorm", gradient).map(({ tensor }) => scope(() => sum(mul(tensor, tensor))));
		return sqrt(squares.reduce((a, b) => add(a, b)));
	});
}

/**
 * Scales a gradient down to a norm of `limit` if it is longer (Pascanu et al. 2013, arXiv 1211.5063, algorithm 1). Nothing is read
 * from the device. Frees the gradient given, tensor by tensor.
 *
 * @param limit above 0
 * @param norm that of the gradient, if it is known
 * @returns the gradient, and its norm before clipping: a new scalar, or the one given
 * @throws OptionError for a limit that is not above 0
 */
export function clipGradient<G extends TensorTree>(
	gradient: G,
	limit: number,
	norm?: Tensor,
): { gradient: G; norm: Tensor } {
	checkNumber("clipGradient", "limit", limit, { min: Number.MIN_VALUE });
	return scope(() => {
		const length = norm ?? gradientNorm(gradient);
		// limit / max(norm, limit)
		const factor = div(limit, add(relu(sub(length, limit)), limit));
		return { gradient: replaceTensors(gradient, (tensor) => mul(tensor, factor)), norm: length };
	});
}
