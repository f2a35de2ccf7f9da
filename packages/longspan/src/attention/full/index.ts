import type { AttentionSizes } from "../../backends/backend.js";
import { checkFlag, checkNumber, checkOptions } from "../../ops/operands.js";
import { scope } from "../../tensor/scope.js";
import { defineAttention } from "../define-attention.js";
import type { Attention } from "../mechanism.js";
import { causalPlan, fullPlan } from "../plan/builders.js";
import { cachePlans } from "../plan/plan-cache.js";
import { checkSameLength } from "../sizes.js";
import { softmaxCost } from "../softmax/cost.js";
import { forAllHeads, softmaxAttention } from "../softmax/softmax-attention.js";
import { startFullDecoding } from "./decoding.js";

export interface FullOptions {
	/** Each query sees the keys up to its own position only. Default: false. */
	causal?: boolean;
	/** Factor of q·k. Default: 1 / sqrt(headDim). */
	scale?: number;
}

/**
 * Exact softmax attention to every key (Vaswani et al. 2017, arXiv 1706.03762, eq. 1): time grows with the square of
 * the length, memory does not. Queries and keys may differ in length unless causal.
 *
 * @example
 * const attend = full({ causal: true });
 * const out = attend(q, k, v);
 */
export function full(options: FullOptions = {}): Attention {
	checkOptions("full", options, { causal: true, scale: true });
	const { causal = false, scale } = options;
	checkFlag("full", "causal", causal);
	if (scale !== undefined) checkNumber("full", "scale", scale);
	const plansOf = cachePlans((queries: number, keys: number) =>
		forAllHeads(causal ? causalPlan(queries, keys) : fullPlan(queries, keys)),
	);
	return defineAttention(
		(q, k, v, { keyMask }) => {
			const plans = ({ queryLength, keyLength }: AttentionSizes) => {
				if (causal) checkSameLength("full", queryLength, keyLength);
				return plansOf(queryLength, keyLength);
			};
			// The logSumExp is not returned, and freed here.
			return scope(() => softmaxAttention(q, k, v, plans, { keyMask, scale }, "full").output);
		},
		{
			description: causal ? "full, causal" : "full",
			causal,
			cost: (length, sizes = {}) => softmaxCost(plansOf(length, length), length, sizes),
			connectivity: (length) => ({ kind: "tiles", parts: [plansOf(length, length)] }),
			startDecoding: (sizes) => startFullDecoding(sizes, causal, scale),
		},
	);
}
