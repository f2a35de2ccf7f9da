/**
 * `count` different numbers below `size`, every set with the same probability (Floyd's algorithm: Bentley & Floyd 1987).
 *
 * @param count at most `size`
 * @param upTo draws an integer from 0 to its argument; called once for each number
 */
export function sampleSet(size: number, count: number, upTo: (max: number) => number): Set<number> {
	const chosen = new Set<number>();
	for (let last = size - count; last < size; last++) {
		const drawn = upTo(last);
		chosen.add(chosen.has(drawn) ? last : drawn);
	}
	return chosen;
}
