import { OptionError } from "../../errors.js";
import { checkNumber, checkOptions } from "../../ops/operands.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineAttention } from "../define-attention.js";
import type { Attention } from "../mechanism.js";
import { attentionSizes, checkKeyMask, checkSameLength } from "../sizes.js";
import { refuseCausal } from "./checks.js";
import { etcConnectivity } from "./connectivity.js";
import { etcCost } from "./cost.js";
import type { EtcSequence } from "./options.js";
import { acrossSequences, mergeParts, type PartInputs, withinSequence } from "./parts.js";
import { segmentMeans } from "./segment-means.js";

export interface EtcAttentionOptions {
	/** One-sided reach of a token among the tokens. At least 0; 84 in the base model of the ETC paper. */
	radius: number;
	/** Number of global tokens, each for a segment of the sequence; with fewer tokens, one for each. At least 1. */
	globalTokens: number;
	/** Factor of the scores. Default: 1 / sqrt(headDim). */
	scale?: number;
	/** There is no causal form: true is refused. */
	causal?: boolean;
}

const name = "etcAttention";

/**
 * `etc` without relative positions (BigBird-ETC, Zaheer et al. 2020, arXiv 2007.14062, section 2; ETC, Ainslie et al. 2020, arXiv
 * 2004.08483, section 3) as attention of q, k and v, in time and memory proportional to the length. The sequence is cut into `globalTokens`
 * contiguous segments, as equal as possible, the longer ones first; the global token of a segment has the means of q, k and v over its
 * tokens. First each global token attends to all global tokens and all tokens, which gives its value; then each token attends, in one
 * softmax, to the tokens at most `radius` away and to all global tokens, with the mean of k as key. With global tokens of
 * their own embeddings it is `etc`.
 *
 * Keys with `keyMask` 0 are seen by no one and leave the means; a segment of none but those has no global token.
 *
 * @throws OptionError for options outside their range, or causal: true
 * @example
 * const out = etcAttention({ radius: 84, globalTokens: 64 })(q, k, v, { keyMask });
 */
export function etcAttention(options: EtcAttentionOptions): Attention {
	checkOptions(name, options, { radius: true, globalTokens: true, scale: true, causal: true });
	const { radius, globalTokens, scale, causal } = options;
	refuseCausal(name, causal);
	checkNumber(name, "radius", radius, { min: 0, integer: true });
	checkNumber(name, "globalTokens", globalTokens, { min: 1, integer: true });
	if (scale !== undefined) checkNumber(name, "scale", scale);
	const globalsOf = (length: number) => Math.min(globalTokens, length);
	return defineAttention(
		(q, k, v, { keyMask }) => {
			const { batch, queryLength, keyLength, headDim } = attentionSizes(name, q, k, v);
			checkSameLength(name, queryLength, keyLength);
			if (keyMask) checkKeyMask(name, keyMask, { batch, keyLength });
			const factor = scale ?? 1 / Math.sqrt(headDim);
			const inputs = (q: Tensor, { k, v }: Omit<EtcSequence, "q">, keyMask?: Tensor<"int32">): PartInputs => ({
				...{ q, k, v, keyMask, scale: factor, name },
			});
			return scope(() => {
				const { means, mask } = segmentMeans({ q, k, v }, globalsOf(keyLength), keyMask);
				const values = mergeParts(() => [
					...withinSequence(inputs(means.q, means, mask), globalsOf(keyLength) - 1),
					...acrossSequences(inputs(means.q, { k, v }, keyMask)),
				]);
				return mergeParts(() => [
					...withinSequence(inputs(q, { k, v }, keyMask), radius),
					...acrossSequences(inputs(q, { k: means.k, v: values }, mask)),
				]);
			});
		},
		{
			description: `etc ±${radius}, ${globalTokens} global`,
			causal: false,
			cost(length, sizes = {}) {
				const globals = globalsOf(length);
				const { flops, tiles, bytes } = etcCost({ radius, maxDistance: undefined }, length, globals, sizes);
				const { batch = 1, heads = 1, headDim = 64, valueDim = headDim } = sizes;
				// Sums and means of q, k and v.
				const means = 4 * batch * heads * globals * 2 * (2 * headDim + valueDim);
				return { flops, tiles, bytes: bytes + means };
			},
			connectivity: (length) => etcConnectivity(radius, length, globalsOf(length)),
			startDecoding: () => {
				throw new OptionError(
					`${name}: there is no startDecoding, because the global tokens depend on all tokens; use a causal mechanism such as longformer or slidingWindow`,
				);
			},
		},
	);
}
