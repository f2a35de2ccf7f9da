import { rmsNorm } from "../../ops/norm.js";
import { filled, ones } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { HeadPlans } from "../plan/encode.js";
import { mergeSoftmax } from "../softmax/merge.js";
import { type SoftmaxResult, softmaxAttention } from "../softmax/softmax-attention.js";
import type { ReformerSettings } from "./options.js";

/** Score of the own position: below that of any other, but above that of none at all. */
const selfScore = -1e5;

/** Keys are rows of q over their root mean square; the factor makes scores of that. */
const keyScales = {
	rms: { epsilon: 1e-6, scaleOf: (headDim: number) => 1 / Math.sqrt(headDim) },
	// x / ‖x‖ is x over its root mean square and sqrt(headDim). The least epsilon that keeps float32 keys of zeros finite.
	norm: { epsilon: 1e-24, scaleOf: (headDim: number) => 1 / headDim },
} as const;

/** Keys of shared queries [batch, heads, length, headDim], of root mean square 1. */
export function normalizedKeys(q: Tensor, { keyScale }: ReformerSettings): Tensor {
	return scope(() => rmsNorm(q, ones(q.shape.slice(3), q.device), { epsilon: keyScales[keyScale].epsilon }));
}

/**
 * Attention over all rounds: the softmax over the keys of all of them together (Kitaev et al. 2020, appendix A), a
 * key as often as rounds show it. Each round is freed as soon as it is merged.
 *
 * @param keys of `normalizedKeys`
 * @param values values by position, and `own` that of each query
 */
export function attendRounds(
	q: Tensor,
	keys: Tensor,
	values: Tensor,
	own: Tensor,
	rounds: readonly HeadPlans[],
	{ keyScale, excludeSelf }: ReformerSettings,
	keyMask: Tensor<"int32"> | undefined,
	name: string,
): Tensor {
	const scale = keyScales[keyScale].scaleOf(q.shape[3] as number);
	return scope(() => {
		let merged: SoftmaxResult | null = null;
		for (const plans of rounds)
			merged = joined(merged, softmaxAttention(q, keys, values, plans, { keyMask, scale }, name));
		const seen = merged as SoftmaxResult;
		if (!excludeSelf) return seen.output;
		const self = { output: own, logSumExp: filled(seen.logSumExp.shape, selfScore, q.device) };
		return mergeSoftmax(seen, self).output;
	});
}

/** Merges two parts and frees them. */
function joined(before: SoftmaxResult | null, next: SoftmaxResult): SoftmaxResult {
	if (!before) return next;
	const result = mergeSoftmax(before, next);
	for (const { output, logSumExp } of [before, next]) {
		output.dispose();
		logSumExp.dispose();
	}
	return result;
}
