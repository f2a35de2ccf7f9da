import { OptionError } from "../../errors.js";
import { checkFlag, checkOptions } from "../../ops/operands.js";
import { scope } from "../../tensor/scope.js";
import { checkDecodable } from "../decoding.js";
import { defineAttention } from "../define-attention.js";
import { startStateDecoding } from "../linear/decoding.js";
import type { Attention } from "../mechanism.js";
import { attentionSizes } from "../sizes.js";
import { causalEfficient } from "./causal.js";
import type { EfficientState } from "./chunks.js";
import { causalCost, wholeCost } from "./cost.js";
import { scalingNormalized, softmaxNormalized } from "./whole.js";

export interface EfficientOptions {
	/** "softmax": of q over its channels and of k over the positions. "scaling": q and k over sqrt(n). Default: "softmax". */
	normalization?: "softmax" | "scaling";
	/**
	 * An extension, not in the paper, whose softmax over all positions looks ahead: each query sees the keys up to its own position, with
	 * weights Σ_c exp(q_ic + k_jc) over their sum. Default: false.
	 */
	causal?: boolean;
}

/**
 * Efficient attention (Shen et al. 2021, arXiv 1812.01243), in time and memory proportional to the length:
 * out = softmax(q) (softmax(k)ᵀ v), the softmax of q over its channels and that of k, for each channel, over the positions. There is no
 * factor 1 / sqrt(headDim). With `normalization: "scaling"`, out = q (kᵀ v) / n, n the number of keys that take part. A masked key
 * leaves the softmax over positions. Queries and keys may differ in length unless causal.
 *
 * `causal: true` is an extension with another normaliser: that of each query in place of that of each channel, so the last query of a
 * sequence does not get what the form over all keys would give it. Keys of any size are exact, by running maxima.
 *
 * @throws OptionError for another normalization, or for scaling with causal
 * @example
 * const out = efficient()(q, k, v, { keyMask });
 */
export function efficient(options: EfficientOptions = {}): Attention {
	const name = "efficient";
	checkOptions(name, options, { normalization: true, causal: true });
	const { normalization = "softmax", causal = false } = options;
	checkFlag(name, "causal", causal);
	if (normalization !== "softmax" && normalization !== "scaling")
		throw new OptionError(`${name}: normalization is ${String(normalization)}; expected "softmax" or "scaling"`);
	if (causal && normalization === "scaling")
		throw new OptionError(
			`${name}: normalization is "scaling" with causal: true; expected "softmax" (ssd is causal attention without a softmax)`,
		);
	return defineAttention(
		(q, k, v, { keyMask }) => {
			attentionSizes(name, q, k, v);
			if (causal) return scope(() => causalEfficient(q, k, v, keyMask).output);
			return (normalization === "softmax" ? softmaxNormalized : scalingNormalized)(q, k, v, keyMask);
		},
		{
			description: `efficient${normalization === "softmax" ? "" : ", scaling"}${causal ? ", causal extension" : ""}`,
			causal,
			cost: (length, sizes = {}) => (causal ? causalCost(length, sizes) : wholeCost(length, sizes, normalization)),
			connectivity: () => ({ kind: "state", causal }),
			startDecoding(sizes) {
				checkDecodable(name, causal);
				return startStateDecoding<EfficientState>(name, sizes, (q, k, v, { state }) =>
					causalEfficient(q, k, v, undefined, state),
				);
			},
		},
	);
}
