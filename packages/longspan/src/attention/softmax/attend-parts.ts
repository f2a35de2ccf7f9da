import type { AttentionSizes } from "../../backends/backend.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { HeadPlans } from "../plan/encode.js";
import { mergeSoftmax } from "./merge.js";
import { type SoftmaxAttentionOptions, softmaxAttention } from "./softmax-attention.js";

/**
 * The output of softmax attention over one or several parts, whose plans may order queries and keys differently. A pair in
 * several parts counts several times. The arguments are those of `softmaxAttention`.
 */
export function attendParts(
	q: Tensor,
	k: Tensor,
	v: Tensor,
	parts: readonly HeadPlans[] | ((sizes: AttentionSizes) => readonly HeadPlans[]),
	options: SoftmaxAttentionOptions,
	name: string,
): Tensor {
	return scope(() => {
		if (typeof parts !== "function")
			return mergeSoftmax(...parts.map((plans) => softmaxAttention(q, k, v, plans, options, name))).output;
		let made: readonly HeadPlans[] = [];
		const first = softmaxAttention(q, k, v, (sizes) => (made = parts(sizes))[0] as HeadPlans, options, name);
		return mergeSoftmax(first, ...made.slice(1).map((plans) => softmaxAttention(q, k, v, plans, options, name))).output;
	});
}
