/** Forbids tokens, in place. */
export function forbid(scores: Float32Array, tokens: readonly number[]): void {
	for (const token of tokens) scores[token] = Number.NEGATIVE_INFINITY;
}

/** Forbids all but these tokens, which become equally likely, in place. */
export function force(scores: Float32Array, tokens: readonly number[]): void {
	scores.fill(Number.NEGATIVE_INFINITY);
	for (const token of tokens) scores[token] = 0;
}
