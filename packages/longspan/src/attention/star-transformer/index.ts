import { OptionError } from "../../errors.js";
import { checkOptions } from "../../ops/operands.js";
import { scope } from "../../tensor/scope.js";
import { defineAttention } from "../define-attention.js";
import type { Attention } from "../mechanism.js";
import { fullPlan } from "../plan/builders.js";
import { cachePlans } from "../plan/plan-cache.js";
import { attentionSizes, checkKeyMask, checkSameLength } from "../sizes.js";
import { softmaxCost } from "../softmax/cost.js";
import { mergeSoftmax } from "../softmax/merge.js";
import { forAllHeads, softmaxAttention } from "../softmax/softmax-attention.js";
import { meanNode } from "./mean-node.js";
import { ringPlan, starPlan } from "./plans.js";
import { starRelay } from "./relay.js";

export {
	type StarLayerInput,
	type StarLayerOptions,
	type StarNodes,
	type StarTransformerLayer,
	starTransformerLayer,
} from "./layer.js";
export type { StarAttentionWeights, StarLayerSizes, StarLayerWeights, StarNormWeights } from "./layer-weights.js";
export { meanNode } from "./mean-node.js";
export { type StarRelayInputs, starRelay } from "./relay.js";
export type { StarRing } from "./ring.js";
export { type StarSatelliteInputs, starSatellite } from "./satellite.js";

export interface StarAttentionOptions {
	/** There is no causal form: true is refused. */
	causal?: boolean;
}

const name = "starAttention";

/**
 * The two hops of a Star-Transformer (Guo et al. 2019, arXiv 1902.09113) as attention of q, k and v, in time and memory
 * proportional to the length. The relay node has the means of q, k and v over the tokens: it attends to itself and all tokens,
 * which gives its value s. Then each token attends to the one before it, itself, the one after it (in a closed ring), its
 * embedding, which is the token once more, and the relay node with the mean of k as key and s as value: `starRelay` and
 * `starSatellite` with embeddingKeys = k and embeddingValues = v. The layer of the paper, with projections between the steps, is
 * `starTransformerLayer`.
 *
 * Keys with `keyMask` 0 are seen by no one and leave the means; the ring is that of all positions, so they hide a neighbour.
 *
 * @throws OptionError for causal: true
 * @example
 * const out = starAttention()(q, k, v);
 */
export function starAttention(options: StarAttentionOptions = {}): Attention {
	checkOptions(name, options, { causal: true });
	if (options.causal)
		throw new OptionError(
			`${name}: causal is true; the relay node passes every token on to all others, later ones too, so there is no causal form: use slidingWindow, linear or another causal mechanism`,
		);
	const ringOf = cachePlans((length: number) => forAllHeads(ringPlan(length)));
	const relayOf = cachePlans((queries: number, keys: number) => forAllHeads(fullPlan(queries, keys)), 8);
	return defineAttention(
		(q, k, v, { keyMask }) => {
			const { batch, queryLength, keyLength } = attentionSizes(name, q, k, v);
			checkSameLength(name, queryLength, keyLength);
			if (keyMask) checkKeyMask(name, keyMask, { batch, keyLength });
			return scope(() => {
				const [relayQuery, relayKey, mean] = [meanNode(q, keyMask), meanNode(k, keyMask), meanNode(v, keyMask)];
				const relayValue = starRelay({ q: relayQuery, k, v, relayKey, relayValue: mean, keyMask });
				const toRing = softmaxAttention(q, k, v, ringOf(queryLength), { keyMask }, name);
				const toRelay = softmaxAttention(q, relayKey, relayValue, relayOf(queryLength, 1), {}, name);
				return mergeSoftmax(toRing, toRelay).output;
			});
		},
		{
			description: "star",
			causal: false,
			cost(length, sizes = {}) {
				const tokens = softmaxCost([ringOf(length), relayOf(length, 1)], length, sizes);
				const relay = softmaxCost([relayOf(1, length), relayOf(1, 1)], 1, sizes);
				const { batch = 1, heads = 1, headDim = 64, valueDim = headDim } = sizes;
				// Sums and means of q, k and v.
				const means = 4 * batch * heads * 2 * (2 * headDim + valueDim);
				return {
					flops: tokens.flops + relay.flops,
					tiles: tokens.tiles + relay.tiles,
					bytes: tokens.bytes + relay.bytes + means,
				};
			},
			connectivity: (length) => ({
				kind: "tiles",
				parts: [forAllHeads(starPlan(length))],
			}),
			startDecoding: () => {
				throw new OptionError(
					`${name}: there is no startDecoding, because the relay node depends on all tokens; use a causal mechanism such as slidingWindow or linear`,
				);
			},
		},
	);
}
