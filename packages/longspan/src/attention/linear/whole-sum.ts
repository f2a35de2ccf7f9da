import { add, div } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { checkNumber } from "../../ops/operands.js";
import { sum } from "../../ops/reduce.js";
import { reshape } from "../../ops/reshape.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { attentionSizes } from "../sizes.js";
import type { RunningStateOptions } from "./running-state.js";

/**
 * Attention to the sum over all keys (engine 2, not causal): out = q S with S = Σ kᵀv, divided by q·Σ k + epsilon if
 * normalised (Katharopoulos et al. 2020, arXiv 2006.16236, eq. 5–6). Queries and keys may differ in length. There is no
 * scaling: q and k are taken as they are, feature maps applied.
 *
 * @param q [batch, heads, queryLength, headDim]
 * @param k [batch, heads, keyLength, headDim]
 * @param v [batch, heads, keyLength, valueDim]
 * @returns [batch, heads, queryLength, valueDim]
 */
export function wholeSum(
	q: Tensor,
	k: Tensor,
	v: Tensor,
	{ normalize = true, epsilon = 1e-6 }: Pick<RunningStateOptions, "normalize" | "epsilon"> = {},
	name = "wholeSum",
): Tensor {
	const { batch, heads, headDim } = attentionSizes(name, q, k, v);
	checkNumber(name, "epsilon", epsilon, { min: 0 });
	return scope(() => {
		const numerator = matmul(q, matmul(k, v, { transposeA: true }));
		if (!normalize) return numerator;
		const total = reshape(sum(k, { axes: 2 }), [batch, heads, headDim, 1]);
		return div(numerator, add(matmul(q, total), epsilon));
	});
}
