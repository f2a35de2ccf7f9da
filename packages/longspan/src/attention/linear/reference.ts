import { add, div, mul, sub } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { sum } from "../../ops/reduce.js";
import { relu } from "../../ops/unary.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";

export interface WeightedSumOptions {
	causal?: boolean | undefined;
	keyMask?: Tensor<"int32"> | undefined;
	/** Divide by the sum of the weights. Default: true. */
	normalize?: boolean | undefined;
	/** Added to that sum. Default: 0. */
	epsilon?: number | undefined;
	/** The least that sum is taken for. Default: any. */
	least?: number | undefined;
}

/**
 * Attention with a whole matrix of weights: out = W v over the visible keys, divided by the row sums of W + epsilon if normalised. For
 * tests, on the reference device.
 *
 * @param weights [batch, heads, queries, keys], not normalised
 */
export function weightedSumReference(
	weights: Tensor,
	v: Tensor,
	{ causal = false, keyMask, normalize = true, epsilon = 0, least }: WeightedSumOptions,
): Tensor {
	const [batch, , queries, keys] = weights.shape as [number, number, number, number];
	const kept = keyMask?.dataSync();
	const visible = Float32Array.from({ length: batch * queries * keys }, (_, at) => {
		const j = at % keys;
		const i = Math.floor(at / keys) % queries;
		const b = Math.floor(at / (keys * queries));
		return Number((!causal || j <= i) && kept?.[b * keys + j] !== 0);
	});
	return scope(() => {
		const seen = mul(weights, tensor(visible, [batch, 1, queries, keys], v.device));
		const total = matmul(seen, v);
		if (!normalize) return total;
		const sums = add(sum(seen, { axes: -1, keepDims: true }), epsilon);
		return div(total, least === undefined ? sums : add(relu(sub(sums, least)), least));
	});
}
