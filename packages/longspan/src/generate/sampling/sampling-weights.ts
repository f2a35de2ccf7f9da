import { keepMinP, keepTopK, keepTopP, keepTypical } from "./keep-likeliest.js";
import type { SamplingOptions } from "./sampling-options.js";

/**
 * What tokens are drawn in proportion to: their probabilities up to a factor, after temperature, `topK`, `topP`, `minP` and `typicalP`,
 * in this order. 0 for those that are not drawn.
 *
 * @param best id of the highest score
 * @param options checked; a temperature above 0
 * @param least keeps as many tokens at least
 */
export function samplingWeights(
	logits: Float32Array,
	best: number,
	{ temperature = 1, topK = Number.POSITIVE_INFINITY, topP = 1, minP = 0, typicalP = 1 }: SamplingOptions,
	least = 1,
): Float64Array {
	const top = logits[best] as number;
	// Of the scores' differences alone, so that no exponential overflows.
	const weights = new Float64Array(logits.length);
	for (let id = 0; id < weights.length; id++) weights[id] = Math.exp(((logits[id] as number) - top) / temperature);
	keepTopK(weights, Math.max(topK, least));
	if (topP < 1) keepTopP(weights, topP, least);
	if (minP > 0) keepMinP(weights, minP, least);
	if (typicalP < 1) keepTypical(weights, typicalP, least);
	return weights;
}
