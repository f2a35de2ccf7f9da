import { likeliest } from "../sampling/likeliest.js";

/**
 * Turns scores into log-probabilities, in place. Sums are in float64.
 *
 * @throws OptionError for scores that are NaN or Infinity, or none above -Infinity
 */
export function logSoftmax(caller: string, scores: Float32Array): void {
	let top = Number.NEGATIVE_INFINITY;
	for (let id = 0; id < scores.length; id++) if ((scores[id] as number) > top) top = scores[id] as number;
	let sum = 0;
	for (let id = 0; id < scores.length; id++) sum += Math.exp((scores[id] as number) - top);
	// Whatever cannot be a score makes the sum NaN; this says which it was.
	if (Number.isNaN(sum) || scores.length === 0) likeliest(caller, scores);
	const shift = top + Math.log(sum);
	for (let id = 0; id < scores.length; id++) scores[id] = (scores[id] as number) - shift;
}
