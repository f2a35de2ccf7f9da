/** Sum of a[aStart + i] * b[bStart + i] for i < length. */
export function dot(a: Float64Array, aStart: number, b: Float64Array, bStart: number, length: number): number {
	let sum = 0;
	for (let i = 0; i < length; i++) sum += a[aStart + i]! * b[bStart + i]!;
	return sum;
}

/** target[targetStart + i] += factor * source[sourceStart + i] for i < length. */
export function addScaled(
	target: Float64Array,
	targetStart: number,
	factor: number,
	source: Float64Array,
	sourceStart: number,
	length: number,
): void {
	for (let i = 0; i < length; i++) target[targetStart + i]! += factor * source[sourceStart + i]!;
}

/**
 * The largest of `values` and the logarithm of the sum of exp(value - largest), -Infinity and 0 if no value is above that.
 * Their sum is the log-sum-exp; apart they also tell probabilities of huge values, which the sum would round away.
 */
export function logSumExpParts(values: Float64Array): { readonly largest: number; readonly logRest: number } {
	let largest = -Infinity;
	for (const value of values) largest = Math.max(largest, value);
	if (largest === -Infinity) return { largest, logRest: 0 };
	let sum = 0;
	for (const value of values) sum += Math.exp(value - largest);
	return { largest, logRest: Math.log(sum) };
}

/** Logarithm of the sum of exp(values), -Infinity if no value is above that. */
export function logSumExp(values: Float64Array): number {
	const { largest, logRest } = logSumExpParts(values);
	return largest + logRest;
}
