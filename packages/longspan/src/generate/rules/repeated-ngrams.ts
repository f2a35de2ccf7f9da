/**
 * Forbids, in place, tokens with which the last `size` tokens of `ids` would be somewhere in `source` (Paulus et al. 2017, arXiv
 * 1705.04304, there with three tokens).
 */
export function forbidNgramsOf(
	scores: Float32Array,
	source: ArrayLike<number>,
	ids: readonly number[],
	size: number,
): void {
	const begin = ids.length - (size - 1);
	if (begin < 0) return;
	for (let last = size - 1; last < source.length; last++)
		if (matches(source, last - (size - 1), ids, begin, size - 1))
			scores[source[last] as number] = Number.NEGATIVE_INFINITY;
}

/** Forbids, in place, the last token of each run whose other tokens the sequence ends with. */
export function forbidRuns(scores: Float32Array, ids: readonly number[], runs: readonly (readonly number[])[]): void {
	for (const run of runs) {
		const begin = ids.length - (run.length - 1);
		if (begin >= 0 && matches(run, 0, ids, begin, run.length - 1))
			scores[run.at(-1) as number] = Number.NEGATIVE_INFINITY;
	}
}

function matches(a: ArrayLike<number>, from: number, b: ArrayLike<number>, begin: number, count: number): boolean {
	for (let at = 0; at < count; at++) if (a[from + at] !== b[begin + at]) return false;
	return true;
}
