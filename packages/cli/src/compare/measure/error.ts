/** Largest absolute difference of two arrays; NaN if either holds one. */
export function maxDifference(a: Float32Array, b: Float32Array): number {
	let largest = 0;
	for (let index = 0; index < a.length; index++) {
		const difference = Math.abs((a[index] as number) - (b[index] as number));
		// Written so that a NaN is kept.
		if (!(difference <= largest)) largest = difference;
		if (Number.isNaN(largest)) return Number.NaN;
	}
	return largest;
}
