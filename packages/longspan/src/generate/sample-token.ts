import { philox } from "../backends/interface/philox.js";
import { OptionError } from "../errors.js";
import { checkList, checkNumber, checkOptions, type OptionNames } from "../ops/operands.js";

/** How the next token is drawn from its scores. */
export interface SamplingOptions {
	/** Divides the scores: below 1 favours likely tokens, above 1 the others; 0 takes the likeliest. Default: 1. */
	temperature?: number | undefined;
	/** Draws from the `topK` likeliest tokens only (Fan et al. 2018, arXiv 1805.04833). Default: all. */
	topK?: number | undefined;
	/**
	 * Draws from the smallest set of the likeliest tokens whose probabilities, after temperature and `topK`, add up to at least `topP`,
	 * above 0 and at most 1 (nucleus sampling, Holtzman et al. 2020, arXiv 1904.09751). Default: 1, all.
	 */
	topP?: number | undefined;
	/** Integer from 0 to 2^53 - 1. Default: 0. */
	seed?: number | undefined;
}

export const samplingOptionNames: OptionNames<SamplingOptions> = {
	temperature: true,
	topK: true,
	topP: true,
	seed: true,
};

export interface SampleTokenOptions extends SamplingOptions {
	/** Place of the token in its sequence: every position of a seed has its own random number. Default: 0. */
	position?: number | undefined;
}

/** Sets these random numbers apart from others of the same seed. */
const stream = 0x73616d70;

/**
 * Draws a token from its scores: temperature, then `topK`, then `topP`. The same scores, seed and position give the same token.
 * Of tokens of equal score, the lower ids are kept first.
 *
 * @param logits a score for each token id; -Infinity is never drawn
 * @throws OptionError for scores that are NaN or Infinity, none above -Infinity, or an option out of its range
 * @example
 * const id = sampleToken(await scores.data(), { temperature: 0.8, topP: 0.95, seed: 1, position });
 */
export function sampleToken(logits: Float32Array, options: SampleTokenOptions = {}): number {
	checkList(name, "logits", logits, "scores");
	checkOptions(name, options, { ...samplingOptionNames, position: true });
	checkSampling(name, options);
	const { temperature = 1, topK = Number.POSITIVE_INFINITY, topP = 1, seed = 0, position = 0 } = options;
	checkNumber(name, "position", position, { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true });
	const best = likeliest(logits);
	if (temperature === 0) return best;
	const top = logits[best] as number;
	// Of the scores' differences alone, so that no exponential overflows.
	const weights = new Float64Array(logits.length);
	for (let id = 0; id < weights.length; id++) weights[id] = Math.exp(((logits[id] as number) - top) / temperature);
	if (topK < weights.length || topP < 1) keepLikeliest(weights, topK, topP);
	const target = uniformOf(seed, position) * sumOf(weights);
	let passed = 0;
	let drawn = best;
	for (let id = 0; id < weights.length; id++) {
		const weight = weights[id] as number;
		if (weight === 0) continue;
		passed += weight;
		drawn = id;
		if (passed > target) break;
	}
	return drawn;
}

const name = "sampleToken";

/** Throws `OptionError` for options out of their range. */
export function checkSampling(
	caller: string,
	{ temperature = 1, topK = 1, topP = 1, seed = 0 }: SamplingOptions,
): void {
	checkNumber(caller, "temperature", temperature, { min: 0 });
	checkNumber(caller, "topK", topK, { min: 1, integer: true });
	if (!(topP > 0 && topP <= 1))
		throw new OptionError(`${caller}: topP is ${topP}; expected a number above 0 and of at most 1`);
	checkNumber(caller, "seed", seed, { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true });
}

/** The lowest id of the highest score. */
function likeliest(logits: Float32Array): number {
	let best = 0;
	for (let id = 0; id < logits.length; id++) {
		const logit = logits[id] as number;
		if (Number.isNaN(logit) || logit === Number.POSITIVE_INFINITY)
			throw new OptionError(
				`${name}: the score of token ${id} is ${logit}; expected a number: the weights are damaged or their training diverged`,
			);
		if (logit > (logits[best] as number)) best = id;
	}
	if (!((logits[best] ?? Number.NEGATIVE_INFINITY) > Number.NEGATIVE_INFINITY))
		throw new OptionError(`${name}: no score is above -Infinity; expected a token that can be drawn`);
	return best;
}

/** Sets all but the largest weights to 0, in place. */
function keepLikeliest(weights: Float64Array, topK: number, topP: number): void {
	const descending = weights.toSorted().reverse();
	const most = Math.min(topK, weights.length);
	const kept = topP < 1 ? nucleusSize(descending.subarray(0, most), topP) : most;
	const smallest = descending[kept - 1] as number;
	let ties = kept - descending.indexOf(smallest);
	weights.forEach((weight, id) => {
		if (weight < smallest || (weight === smallest && ties-- <= 0)) weights[id] = 0;
	});
}

/** How many of the largest weights, which come first, make up the share `topP` of all. */
function nucleusSize(descending: Float64Array, topP: number): number {
	const target = topP * sumOf(descending);
	let passed = 0;
	return (
		1 +
		descending.findIndex((weight) => {
			passed += weight;
			return passed >= target;
		})
	);
}

function sumOf(weights: Float64Array): number {
	return weights.reduce((sum, weight) => sum + weight, 0);
}

/** The random number of a position, in [0, 1), with 53 bits. */
function uniformOf(seed: number, position: number): number {
	const [high, low] = philox(
		[position >>> 0, Math.floor(position / 2 ** 32), stream, 0],
		[seed >>> 0, Math.floor(seed / 2 ** 32)],
	);
	return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
}
