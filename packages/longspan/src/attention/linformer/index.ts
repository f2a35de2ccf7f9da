import { OptionError, ShapeError } from "../../errors.js";
import { scope } from "../../tensor/scope.js";
import { defineAttention } from "../define-attention.js";
import type { WeightSizes } from "../mechanism.js";
import { fullPlan } from "../plan/builders.js";
import { gatherPlan } from "../plan/gather.js";
import { cachePlans } from "../plan/plan-cache.js";
import { attentionSizes, checkKeyMask } from "../sizes.js";
import { softmaxAttention } from "../softmax/softmax-attention.js";
import { linformerCost } from "./cost.js";
import { checkHeads, type Linformer, type LinformerOptions, name, settingsOf } from "./options.js";
import { projectRows } from "./project.js";
import { drawWeights, weightNames, weightsOfCall } from "./weights.js";

export { compressSequence } from "./compress-sequence.js";
export { linformerLayerWeights } from "./layer-weights.js";
export type { Linformer, LinformerOptions, LinformerProjection, LinformerSharing } from "./options.js";

/**
 * Softmax attention to k mixtures of the keys, in time and memory proportional to length times k (Linformer, Wang et al. 2020,
 * arXiv 2006.04768, eq. 7): out = softmax(q (E K)ᵀ · scale) (F V), with E and F [k, maxLength] over the positions. Keys may be
 * fewer than `maxLength`: then the first columns of E and F are used. Queries and keys may differ in length.
 *
 * The weights E and F (E alone where keys and values share it) are passed as `options.weights`; `initialize` draws them: [k,
 * maxLength], or [heads, k, maxLength] for sharing "none". A convolution has kernels [ceil(maxLength / k)] instead, pools have none.
 * Keys with `keyMask` 0 become zero rows of k and v; the slots themselves are never hidden.
 *
 * @throws OptionError for k above maxLength, k by head with shared weights, causal: true, or a call without weights; ShapeError
 * for more keys than maxLength
 * @example
 * const attend = linformer({ maxLength: 4096, projectedLength: 256, sharing: "headwise" });
 * const weights = attend.initialize?.({ heads: 12, headDim: 64, seed: 1 });
 * const out = attend(q, k, v, { weights, keyMask });
 */
export function linformer(options: LinformerOptions): Linformer {
	const settings = settingsOf(options);
	const { maxLength, lengths, projection, sharing, slots, scale } = settings;
	const distinct = [...new Set(lengths)];
	const headMap = lengths.map((length) => distinct.indexOf(length));
	const plansOf = cachePlans((queries: number) => ({
		// Where heads differ, each sees the first slots.
		plans: distinct.map((length) =>
			distinct.length === 1
				? fullPlan(queries, slots)
				: gatherPlan({ rows: queries, columns: slots, columnList: Array.from({ length }, (_, slot) => slot) }),
		),
		headMap,
	}));
	const initialize = (sizes: WeightSizes) => drawWeights(settings, sizes);
	const attend = defineAttention(
		(q, k, v, { keyMask, weights }) => {
			const { batch, heads, keyLength } = attentionSizes(name, q, k, v);
			checkHeads(settings, heads);
			if (keyLength > maxLength)
				throw new ShapeError(
					`${name}: k and v have length ${keyLength}; expected at most maxLength ${maxLength}: make one with a larger maxLength, and weights for it`,
				);
			if (keyMask) checkKeyMask(name, keyMask, { batch, keyLength });
			const { keys, values } = weightsOfCall(settings, heads, weights);
			return scope(() => {
				const projectedKeys = projectRows(k, keys, keyMask, settings);
				const projectedValues = projectRows(v, values, keyMask, settings);
				const plans = ({ queryLength }: { queryLength: number }) => plansOf(queryLength);
				return softmaxAttention(q, projectedKeys, projectedValues, plans, { scale }, name).output;
			});
		},
		{
			description: `linformer ${lengths.join("/")}${sharing === "none" ? "" : `, ${sharing}`}${projection === "linear" ? "" : `, ${projection}`}`,
			causal: false,
			...(weightNames(settings).length > 0 && { initialize }),
			cost: (length, sizes = {}) => linformerCost(plansOf(length), length, settings, sizes),
			connectivity: () => ({ kind: "projection", slots }),
			startDecoding: () => {
				throw new OptionError(
					`${name}: there is no startDecoding, because every slot depends on all positions; use a causal mechanism such as slidingWindow or linear`,
				);
			},
		},
	);
	return Object.assign(attend, { sharing });
}
