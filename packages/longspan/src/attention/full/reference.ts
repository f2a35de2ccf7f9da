import { mul } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { softmax } from "../../ops/softmax.js";
import { where } from "../../ops/where.js";
import { filled, intTensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Whether query i of head h sees key j. */
export type Visible = (i: number, j: number, head: number) => boolean;

/**
 * The definition of masked softmax attention (Vaswani et al. 2017, arXiv 1706.03762, eq. 1), with the whole matrix of
 * scores: out = softmax(q kᵀ / sqrt(headDim)) v over the visible keys, 0 for queries that see none. For tests, on the
 * reference device (float64).
 */
export function maskedSoftmaxReference(
	q: Tensor,
	k: Tensor,
	v: Tensor,
	visible: Visible,
	keyMask?: Tensor<"int32">,
	scale?: number,
): Tensor {
	const [batch, heads, queries, headDim] = q.shape as [number, number, number, number];
	const keys = k.shape[2] as number;
	const kept = keyMask?.dataSync();
	const mask = new Int32Array(batch * heads * queries * keys);
	let at = 0;
	for (let b = 0; b < batch; b++)
		for (let h = 0; h < heads; h++)
			for (let i = 0; i < queries; i++)
				for (let j = 0; j < keys; j++) mask[at++] = Number(visible(i, j, h) && kept?.[b * keys + j] !== 0);
	return scope(() => {
		const scores = mul(matmul(q, k, { transposeB: true }), scale ?? 1 / Math.sqrt(headDim));
		const hidden = filled([], Number.NEGATIVE_INFINITY, q.device);
		return matmul(softmax(where(intTensor(mask, scores.shape, q.device), scores, hidden)), v);
	});
}

/** Full attention by its definition. */
export function fullReference(
	q: Tensor,
	k: Tensor,
	v: Tensor,
	options: { causal?: boolean; scale?: number; keyMask?: Tensor<"int32"> | undefined } = {},
): Tensor {
	const { causal = false, scale, keyMask } = options;
	return maskedSoftmaxReference(q, k, v, (i, j) => !causal || j <= i, keyMask, scale);
}
