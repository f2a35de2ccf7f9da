/** A reproducible stream of numbers in [0, 1) for test data. */
export function uniformStream(seed: number): () => number {
	let state = (seed * 0x9e3779b9 + 0x7f4a7c15) | 0;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let word = Math.imul(state ^ (state >>> 15), state | 1);
		word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
		return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** Numbers spread like a normal distribution of this mean and deviation. */
export function normals(length: number, seed: number, deviation = 1, mean = 0): number[] {
	const next = uniformStream(seed);
	return Array.from({ length }, () => {
		const radius = Math.sqrt(-2 * Math.log(1 - next()));
		return mean + deviation * radius * Math.cos(2 * Math.PI * next());
	});
}

/** Numbers uniform in [low, high). */
export function uniforms(length: number, seed: number, low: number, high: number): number[] {
	const next = uniformStream(seed);
	return Array.from({ length }, () => low + (high - low) * next());
}

/** Whole numbers in [low, high). */
export function integersBetween(length: number, seed: number, low: number, high: number): number[] {
	const next = uniformStream(seed);
	return Array.from({ length }, () => Math.floor(low + (high - low) * next()));
}
