import { add, div, mul } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { sum } from "../../ops/reduce.js";
import { eluPlusOne } from "../../ops/unary.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";

/**
 * Linear attention by its definition, with the whole matrix of weights (Katharopoulos et al. 2020, arXiv 2006.16236, eq. 3):
 * A = phi(q) phi(k)ᵀ over the visible keys, out = A v / (row sum of A + epsilon). For tests, on the reference device.
 */
export function linearReference(
	q: Tensor,
	k: Tensor,
	v: Tensor,
	{
		causal = false,
		epsilon = 1e-6,
		keyMask,
	}: { causal?: boolean; epsilon?: number; keyMask?: Tensor<"int32"> | undefined } = {},
): Tensor {
	const [batch, , queries] = q.shape as [number, number, number, number];
	const keys = k.shape[2] as number;
	const kept = keyMask?.dataSync();
	const visible = Float32Array.from({ length: batch * queries * keys }, (_, at) => {
		const j = at % keys;
		const i = Math.floor(at / keys) % queries;
		const b = Math.floor(at / (keys * queries));
		return Number((!causal || j <= i) && kept?.[b * keys + j] !== 0);
	});
	return scope(() => {
		const weights = mul(
			matmul(eluPlusOne(q), eluPlusOne(k), { transposeB: true }),
			tensor(visible, [batch, 1, queries, keys], q.device),
		);
		return div(matmul(weights, v), add(sum(weights, { axes: -1, keepDims: true }), epsilon));
	});
}
