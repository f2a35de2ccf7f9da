import { OptionError } from "../../errors.js";

/**
 * The lowest id of the highest score.
 *
 * @throws OptionError for scores that are NaN or Infinity, or none above -Infinity
 */
export function likeliest(caller: string, logits: Float32Array): number {
	let best = 0;
	for (let id = 0; id < logits.length; id++) {
		const logit = logits[id] as number;
		if (Number.isNaN(logit) || logit === Number.POSITIVE_INFINITY)
			throw new OptionError(
				`${caller}: the score of token ${id} is ${logit}; expected a number: the weights are damaged or their training diverged`,
			);
		if (logit > (logits[best] as number)) best = id;
	}
	if (!((logits[best] ?? Number.NEGATIVE_INFINITY) > Number.NEGATIVE_INFINITY))
		throw new OptionError(`${caller}: no score is above -Infinity; expected a token that can be taken`);
	return best;
}
