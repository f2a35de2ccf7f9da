import { checkList, checkNumber, checkOptions } from "../ops/operands.js";
import { drawIndex, uniformOf } from "./sampling/draw.js";
import { likeliest } from "./sampling/likeliest.js";
import { checkSampling, type SamplingOptions, samplingOptionNames } from "./sampling/sampling-options.js";
import { samplingWeights } from "./sampling/sampling-weights.js";

export interface SampleTokenOptions extends SamplingOptions {
	/** Place of the token in its sequence: every position of a seed has its own random number. Default: 0. */
	position?: number | undefined;
	/** Which of several sequences of a seed the token belongs to, below 2^32: each has its own random numbers. Default: 0. */
	sequence?: number | undefined;
}

/**
 * Draws a token from its scores: temperature, then `topK`, `topP`, `minP` and `typicalP`. The same scores, seed, position and sequence
 * give the same token. Of tokens of equal score, the lower ids are kept first.
 *
 * @param logits a score for each token id; -Infinity is never drawn
 * @throws OptionError for scores that are NaN or Infinity, none above -Infinity, or an option out of its range
 * @example
 * const id = sampleToken(await scores.data(), { temperature: 0.8, topP: 0.95, seed: 1, position });
 */
export function sampleToken(logits: Float32Array, options: SampleTokenOptions = {}): number {
	checkList(name, "logits", logits, "scores");
	checkOptions(name, options, { ...samplingOptionNames, position: true, sequence: true });
	checkSampling(name, options);
	const { seed = 0, position = 0, sequence = 0 } = options;
	checkNumber(name, "position", position, { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true });
	checkNumber(name, "sequence", sequence, { min: 0, max: 2 ** 32 - 1, integer: true });
	const best = likeliest(name, logits);
	if (options.temperature === 0) return best;
	return drawIndex(samplingWeights(logits, best, options), uniformOf(seed, position, sequence));
}

const name = "sampleToken";
