/** Scrambles a 32-bit integer (the finaliser of MurmurHash3). */
function scramble(value: number): number {
	let hash = value | 0;
	hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
	hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
	return (hash ^ (hash >>> 16)) >>> 0;
}

/** A 32-bit key of an integer of at least 0 and what came before it. */
function mixIn(key: number, part: number): number {
	return scramble(scramble(key ^ scramble(part >>> 0)) ^ scramble(Math.floor(part / 2 ** 32) + 0x9e3779b9));
}

/**
 * Numbers in [0, 1) with 53 random bits, so that every byte of a large file can be met; the same for the same seed.
 * `parts` (integers of at least 0, such as a step) choose one of many sequences of a seed, each at hand without the others.
 */
export function randomSequence(seed: number, ...parts: readonly number[]): () => number {
	const key = parts.reduce(mixIn, mixIn(0, seed));
	let counter = 0;
	const next = () => scramble(scramble(counter++) ^ key);
	return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
}
