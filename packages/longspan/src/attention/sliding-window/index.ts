import type { AttentionSizes } from "../../backends/backend.js";
import { checkFlag, checkNumber, checkOptions } from "../../ops/operands.js";
import { scope } from "../../tensor/scope.js";
import { defineAttention } from "../define-attention.js";
import type { Attention } from "../mechanism.js";
import { cachePlans } from "../plan/plan-cache.js";
import { checkSameLength } from "../sizes.js";
import { softmaxCost } from "../softmax/cost.js";
import { softmaxAttention } from "../softmax/softmax-attention.js";
import { startWindowDecoding } from "./decoding.js";
import { checkDilationHeads, checkDilationLength, checkDilations } from "./dilations.js";
import { windowPlans } from "./plans.js";

export interface SlidingWindowOptions {
	/** One-sided reach: a query sees `window` keys before it, itself, and `window` keys after it unless causal. At least 0. */
	window: number;
	/** Each query sees the keys up to its own position only. Default: false. */
	causal?: boolean;
	/** Distance between the keys of the window, one for all heads or one per head. At least 1, default 1: neighbours. */
	dilation?: number | readonly number[];
	/** Factor of q·k. Default: 1 / sqrt(headDim). */
	scale?: number;
}

/**
 * Softmax attention to the keys near each query, in time and memory proportional to length times window (the local part of
 * Longformer, Beltagy et al. 2020, arXiv 2004.05150, section 3.1). `window` is a one-sided reach in tokens: 256 here is a
 * two-sided `attention_window` of 512 in that paper's checkpoints.
 *
 * @throws OptionError for a window below 0, a dilation below 1, or one per head for another number of heads
 * @example
 * const attend = slidingWindow({ window: 256, causal: true });
 * const out = attend(q, k, v, { keyMask });
 */
export function slidingWindow(options: SlidingWindowOptions): Attention {
	const name = "slidingWindow";
	checkOptions(name, options, { window: true, causal: true, dilation: true, scale: true });
	const { window, causal = false, dilation = 1, scale } = options;
	checkNumber(name, "window", window, { min: 0, integer: true });
	checkFlag(name, "causal", causal);
	if (scale !== undefined) checkNumber(name, "scale", scale);
	const dilations = checkDilations(name, dilation);
	const plansOf = cachePlans((length: number) => {
		checkDilationLength(name, { window, dilations }, length);
		return windowPlans(length, { window, causal, dilations });
	});
	return defineAttention(
		(q, k, v, { keyMask }) => {
			const plans = ({ heads, queryLength, keyLength }: AttentionSizes) => {
				checkSameLength(name, queryLength, keyLength);
				checkDilationHeads(name, dilations, heads);
				return plansOf(queryLength);
			};
			// The logSumExp is not returned, and freed here.
			return scope(() => softmaxAttention(q, k, v, plans, { keyMask, scale }, name).output);
		},
		{
			description: `window ±${window}${dilations.some((step) => step > 1) ? ` dilation ${dilations.join("/")}` : ""}${causal ? ", causal" : ""}`,
			causal,
			cost: (length, sizes = {}) => softmaxCost(plansOf(length), length, sizes),
			connectivity: (length) => ({ kind: "tiles", parts: [plansOf(length)] }),
			startDecoding: (sizes) => {
				checkDilationHeads(name, dilations, sizes.heads);
				return startWindowDecoding(sizes, { window, causal, dilations, scale });
			},
		},
	);
}
