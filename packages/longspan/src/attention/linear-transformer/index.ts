import { OptionError } from "../../errors.js";
import { checkFlag, checkNumber, checkOptions } from "../../ops/operands.js";
import { scope } from "../../tensor/scope.js";
import { checkDecodable } from "../decoding.js";
import { defineAttention } from "../define-attention.js";
import { eluPlusOne } from "../feature-maps/elementwise.js";
import type { FeatureMap } from "../feature-maps/feature-map.js";
import { stateCost } from "../linear/cost.js";
import { startStateDecoding } from "../linear/decoding.js";
import { maskKeys } from "../linear/mask-keys.js";
import { runningState } from "../linear/running-state.js";
import type { LinearState } from "../linear/state.js";
import { wholeSum } from "../linear/whole-sum.js";
import type { Attention } from "../mechanism.js";
import { attentionSizes } from "../sizes.js";

export interface LinearOptions {
	/** Each query sees the keys up to its own position only. Default: false. */
	causal?: boolean;
	/** phi: one of `featureMaps`, or an object of your own of the type `FeatureMap`. Default: `featureMaps.eluPlusOne`. */
	featureMap?: FeatureMap;
	/** Whether to divide by phi(q)·z + epsilon. Maps with features of both signs are better without. Default: true. */
	normalize?: boolean;
	/** Added to the denominator, in every form alike. Default: 1e-6, as in the reference implementation. */
	epsilon?: number;
}

/**
 * Linear attention, in time and memory proportional to the length (Linear Transformer, Katharopoulos et al. 2020, arXiv 2006.16236,
 * eq. 4–12): out_i = phi(q_i) S / (phi(q_i)·z + epsilon), with S the sum of phi(k_j) v_jᵀ and z the sum of phi(k_j) over the visible
 * keys. phi is elu(x) + 1 unless another feature map is given. q·k is not scaled. Queries and keys may differ in length unless causal.
 *
 * @throws OptionError for an epsilon below 0 or a feature map that is none
 * @example
 * const attend = linear({ causal: true, featureMap: featureMaps.favorPlus({ features: 128 }) });
 * const out = attend(q, k, v);
 */
export function linear(options: LinearOptions = {}): Attention {
	const name = "linear";
	checkOptions(name, options, { causal: true, featureMap: true, normalize: true, epsilon: true });
	const { causal = false, featureMap = eluPlusOne, normalize = true, epsilon = 1e-6 } = options;
	checkFlag(name, "causal", causal);
	checkFlag(name, "normalize", normalize);
	checkNumber(name, "epsilon", epsilon, { min: 0 });
	if (typeof featureMap?.map !== "function" || typeof featureMap.features !== "function")
		throw new OptionError(
			`${name}: featureMap is ${String(featureMap)}; expected one of featureMaps or an object with description, features and map`,
		);
	const division = { normalize, epsilon };
	const plain = featureMap === eluPlusOne ? "" : `, ${featureMap.description}`;
	return defineAttention(
		(q, k, v, { keyMask }) =>
			scope(() => {
				// Before mapping: a map to a fixed number of features would hide that widths differ.
				attentionSizes(name, q, k, v);
				const mappedQ = featureMap.map(q, { side: "query", position: 0 });
				const mappedK = maskKeys(featureMap.map(k, { side: "key", position: 0 }), keyMask, name);
				if (!causal) return wholeSum(mappedQ, mappedK, v, division, name);
				return runningState(mappedQ, mappedK, v, division, name).output;
			}),
		{
			description: `linear${plain}${normalize ? "" : ", not normalised"}${causal ? ", causal" : ""}`,
			causal,
			cost(length, sizes = {}) {
				const { headDim = 64 } = sizes;
				const map = featureMap.cost?.(headDim);
				return stateCost(length, causal, sizes, { featureDim: featureMap.features(headDim), ...(map && { map }) });
			},
			connectivity: () => ({ kind: "state", causal }),
			startDecoding(sizes) {
				checkDecodable(name, causal);
				return startStateDecoding<LinearState>(name, sizes, (q, k, v, { position, state }) => {
					const mappedQ = featureMap.map(q, { side: "query", position });
					const mappedK = featureMap.map(k, { side: "key", position });
					const result = runningState(mappedQ, mappedK, v, { ...division, initialState: state }, name);
					return { output: result.output, state: result.finalState };
				});
			},
		},
	);
}
