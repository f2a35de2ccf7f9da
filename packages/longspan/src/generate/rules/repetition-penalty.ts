/**
 * Makes tokens that are in the sequence less likely, in place, if `penalty` is above 1: scores above 0 are divided by it, others
 * multiplied (Keskar et al. 2019, arXiv 1909.05858).
 */
export function penalizeRepetition(scores: Float32Array, ids: readonly number[], penalty: number): void {
	for (const id of new Set(ids)) {
		const score = scores[id];
		if (score !== undefined) scores[id] = score < 0 ? score * penalty : score / penalty;
	}
}
