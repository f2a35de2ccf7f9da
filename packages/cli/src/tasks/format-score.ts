/** A score, which mostly is a probability. */
export function formatScore(score: number): string {
	return score !== 0 && Math.abs(score) < 0.0001 ? score.toExponential(1) : score.toFixed(4);
}
