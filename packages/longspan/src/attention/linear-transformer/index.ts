import { checkNumber } from "../../ops/operands.js";
import { eluPlusOne } from "../../ops/unary.js";
import { scope } from "../../tensor/scope.js";
import { stateCost } from "../linear/cost.js";
import { maskKeys } from "../linear/mask-keys.js";
import { runningState } from "../linear/running-state.js";
import { wholeSum } from "../linear/whole-sum.js";
import { type Attention, defineAttention } from "../mechanism.js";
import { checkFlag } from "../sizes.js";
import { startLinearDecoding } from "./decoding.js";

export interface LinearOptions {
	/** Each query sees the keys up to its own position only. Default: false. */
	causal?: boolean;
	/** Added to the denominator, in every form alike. Default: 1e-6, as in the reference implementation. */
	epsilon?: number;
}

/**
 * Linear attention with the feature map elu(x) + 1, in time and memory proportional to the length (Linear Transformer,
 * Katharopoulos et al. 2020, arXiv 2006.16236, eq. 4–12): out_i = phi(q_i) S / (phi(q_i)·z + epsilon), with S the sum of phi(k_j) v_jᵀ
 * and z the sum of phi(k_j) over the visible keys. q·k is not scaled. Queries and keys may differ in length unless causal.
 *
 * @example
 * const attend = linear({ causal: true });
 * const out = attend(q, k, v);
 */
export function linear({ causal = false, epsilon = 1e-6 }: LinearOptions = {}): Attention {
	checkFlag("linear", "causal", causal);
	checkNumber("linear", "epsilon", epsilon, { min: 0 });
	return defineAttention(
		(q, k, v, { keyMask }) =>
			scope(() => {
				const [mappedQ, mappedK] = [eluPlusOne(q), maskKeys(eluPlusOne(k), keyMask, "linear")];
				if (!causal) return wholeSum(mappedQ, mappedK, v, { epsilon }, "linear");
				return runningState(mappedQ, mappedK, v, { epsilon }, "linear").output;
			}),
		{
			description: causal ? "linear, causal" : "linear",
			causal,
			cost: (length, sizes = {}) => stateCost(length, causal, sizes),
			connectivity: () => ({ kind: "state", causal }),
			startDecoding: (sizes) => startLinearDecoding(sizes, causal, epsilon),
		},
	);
}
