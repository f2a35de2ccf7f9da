import { mul, sub } from "../../ops/arithmetic.js";
import { cumsum } from "../../ops/cumsum.js";
import { matmul } from "../../ops/matmul.js";
import { reshape } from "../../ops/reshape.js";
import { exp } from "../../ops/unary.js";
import { where } from "../../ops/where.js";
import { filled, intTensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { weightedSumReference } from "../linear/reference.js";
import type { SsdCallOptions, SsdOptions } from "./index.js";

/**
 * Structured masked attention by its definition, with the whole matrix L ∘ C Bᵀ (Dao & Gu 2024, arXiv 2405.21060, eq. 16). For tests,
 * on the reference device, with finite decays and no initial state.
 */
export function ssdReference(
	q: Tensor,
	k: Tensor,
	v: Tensor,
	{ logDecay, keyMask, normalize = false, epsilon = 1e-6, scale = 1 }: SsdOptions & SsdCallOptions = {},
): Tensor {
	const [batch, heads, length] = q.shape as [number, number, number];
	return scope(() => {
		let weights = mul(matmul(q, k, { transposeB: true }), scale);
		if (logDecay) {
			const sums = cumsum(logDecay);
			const [rows, columns] = [reshape(sums, [batch, heads, length, 1]), reshape(sums, [batch, heads, 1, length])];
			const past = intTensor(
				Int32Array.from({ length: length ** 2 }, (_, at) => Number(at % length <= Math.floor(at / length))),
				[length, length],
				q.device,
			);
			const zero = filled([], 0, q.device);
			weights = mul(weights, exp(where(past, sub(rows, columns), zero)));
		}
		return weightedSumReference(weights, v, { causal: true, keyMask, normalize, epsilon });
	});
}
