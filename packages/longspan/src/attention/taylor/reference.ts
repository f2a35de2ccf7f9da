import { add, div, mul } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { sum } from "../../ops/reduce.js";
import { sqrt } from "../../ops/unary.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { weightedSumReference } from "../linear/reference.js";
import type { AttendOptions } from "../mechanism.js";
import type { TaylorOptions } from "./index.js";

/**
 * Taylor attention by its definition, with the whole matrix of weights: 1 + q̂·k̂ (Li et al. 2020, arXiv 2007.14902), or
 * 1 + s + s² / 2 with s = q·k / sqrt(headDim). For tests, on the reference device.
 */
export function taylorReference(
	q: Tensor,
	k: Tensor,
	v: Tensor,
	{ order = 1, epsilon = 1e-6, ...options }: TaylorOptions & AttendOptions = {},
): Tensor {
	const unit = (x: Tensor) => div(x, sqrt(add(sum(mul(x, x), { axes: -1, keepDims: true }), epsilon ** 2)));
	return scope(() => {
		const scores =
			order === 1
				? matmul(unit(q), unit(k), { transposeB: true })
				: mul(matmul(q, k, { transposeB: true }), 1 / Math.sqrt(q.shape[3] as number));
		const weights = order === 1 ? add(scores, 1) : add(add(scores, 1), mul(mul(scores, scores), 0.5));
		return weightedSumReference(weights, v, { ...options, least: epsilon });
	});
}
