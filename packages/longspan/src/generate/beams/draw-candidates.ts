import { drawIndex, uniformOf } from "../sampling/draw.js";
import { likeliest } from "../sampling/likeliest.js";
import { samplingWeights } from "../sampling/sampling-weights.js";
import type { GenerationSettings } from "../settings/generation-options.js";
import type { Candidate } from "./top-candidates.js";

/** A beam and the log-probabilities of its next token. */
export interface ScoredBeam {
	readonly sum: number;
	readonly logProbabilities: Float32Array;
}

/**
 * Draws candidates of the beams of one entry, each at most once, in proportion to the probability of the whole sequence; temperature,
 * `topK` and so on limit the tokens of each beam.
 *
 * @param position of the token in its sequence
 * @returns in the order they were drawn; fewer than `count` if there are no more
 */
export function drawCandidates(
	beams: readonly ScoredBeam[],
	count: number,
	position: number,
	settings: GenerationSettings,
): Candidate[] {
	const { temperature, topK, seed, eosTokenId } = settings;
	// A beam that can only end would leave none to go on.
	const least = eosTokenId.length + 1;
	const options = { ...settings, topK: topK === 0 ? Number.POSITIVE_INFINITY : topK };
	const candidates = beams.flatMap(({ sum, logProbabilities }, beam) => {
		if (logProbabilities.every((value) => value === Number.NEGATIVE_INFINITY)) return [];
		const weights = samplingWeights(logProbabilities, likeliest("generateTokens", logProbabilities), options, least);
		const own: Candidate[] = [];
		weights.forEach((weight, token) => {
			if (weight > 0) own.push({ beam, token, score: sum + (logProbabilities[token] as number) / temperature });
		});
		return own;
	});
	const top = candidates.reduce((most, { score }) => Math.max(most, score), Number.NEGATIVE_INFINITY);
	const chances = Float64Array.from(candidates, ({ score }) => Math.exp(score - top));
	const drawn: Candidate[] = [];
	while (drawn.length < count) {
		const index = drawIndex(chances, uniformOf(seed, position, drawn.length));
		if (index < 0) break;
		drawn.push(candidates[index] as Candidate);
		chances[index] = 0;
	}
	return drawn;
}
