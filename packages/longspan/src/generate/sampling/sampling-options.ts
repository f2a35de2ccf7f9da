import { OptionError } from "../../errors.js";
import { checkNumber, describe, type OptionNames } from "../../ops/operands.js";

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
	/**
	 * Then draws only from tokens at least `minP` times as likely as the likeliest, from 0 to 1 (Nguyen et al. 2024, arXiv 2407.01082).
	 * Default: 0, all.
	 */
	minP?: number | undefined;
	/**
	 * Then draws from the tokens that are most typical, together of the probability `typicalP`, above 0 and at most 1 (Meister et al.
	 * 2023, arXiv 2202.00666). Default: 1, all.
	 */
	typicalP?: number | undefined;
	/** Integer from 0 to 2^53 - 1. Default: 0. */
	seed?: number | undefined;
}

export const samplingOptionNames: OptionNames<SamplingOptions> = {
	temperature: true,
	topK: true,
	topP: true,
	minP: true,
	typicalP: true,
	seed: true,
};

/** Throws `OptionError` for options out of their range. */
export function checkSampling(
	caller: string,
	{ temperature = 1, topK = 1, topP = 1, minP = 0, typicalP = 1, seed = 0 }: SamplingOptions,
): void {
	checkNumber(caller, "temperature", temperature, { min: 0 });
	checkNumber(caller, "topK", topK, { min: 1, integer: true });
	checkPart(caller, "topP", topP);
	checkNumber(caller, "minP", minP, { min: 0, max: 1 });
	checkPart(caller, "typicalP", typicalP);
	checkNumber(caller, "seed", seed, { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true });
}

/** Checks an option that is a part of something, or all of it. */
export function checkPart(caller: string, name: string, value: unknown): void {
	if (!(typeof value === "number" && value > 0 && value <= 1))
		throw new OptionError(`${caller}: ${name} is ${describe(value)}; expected a number above 0 and of at most 1`);
}
