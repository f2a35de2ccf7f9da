/** Two square matrices, row-major. */
export interface MatmulInputs {
	readonly size: number;
	readonly a: Float32Array;
	readonly b: Float32Array;
}

/** Operands of one attention call, each [heads, length, headDim]. */
export interface AttentionInputs {
	readonly heads: number;
	readonly length: number;
	readonly headDim: number;
	readonly q: Float32Array;
	readonly k: Float32Array;
	readonly v: Float32Array;
}

/** The sizes all attention suites use unless they say otherwise: those of a BERT-base layer. */
export const standardHeads = 12;
export const standardHeadDim = 64;

/** Numbers from -1 to 1, the same for the same seed (the generator mulberry32). */
export function randomValues(count: number, seed: number): Float32Array {
	const values = new Float32Array(count);
	let state = seed | 0;
	for (let index = 0; index < count; index++) {
		state = (state + 0x6d2b79f5) | 0;
		let word = Math.imul(state ^ (state >>> 15), 1 | state);
		word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
		values[index] = ((word ^ (word >>> 14)) >>> 0) / 2 ** 31 - 1;
	}
	return values;
}

export function matmulInputs(size: number): MatmulInputs {
	return { size, a: randomValues(size * size, 1), b: randomValues(size * size, 2) };
}

export function attentionInputs(length: number, heads = standardHeads, headDim = standardHeadDim): AttentionInputs {
	const count = heads * length * headDim;
	return { heads, length, headDim, q: randomValues(count, 1), k: randomValues(count, 2), v: randomValues(count, 3) };
}

/** [heads, length, headDim] to [length, heads, headDim], the layout of libraries that keep the heads of a token together. */
export function headsInside(
	values: Float32Array,
	{ heads, length, headDim }: Omit<AttentionInputs, "q" | "k" | "v">,
): Float32Array {
	return swapOuterAxes(values, heads, length, headDim);
}

/** The inverse of `headsInside`. */
export function headsOutside(
	values: Float32Array,
	{ heads, length, headDim }: Omit<AttentionInputs, "q" | "k" | "v">,
): Float32Array {
	return swapOuterAxes(values, length, heads, headDim);
}

function swapOuterAxes(values: Float32Array, first: number, second: number, width: number): Float32Array {
	const out = new Float32Array(values.length);
	for (let i = 0; i < first; i++)
		for (let j = 0; j < second; j++) {
			const from = (i * second + j) * width;
			out.set(values.subarray(from, from + width), (j * first + i) * width);
		}
	return out;
}

/** The largest difference of two arrays relative to the largest magnitude in them; Infinity if one has a NaN or another length. */
export function relativeDifference(a: Float32Array, b: Float32Array): number {
	if (a.length !== b.length) return Number.POSITIVE_INFINITY;
	let difference = 0;
	let magnitude = 0;
	for (let index = 0; index < a.length; index++) {
		const [x, y] = [a[index] as number, b[index] as number];
		if (Number.isNaN(x - y)) return Number.POSITIVE_INFINITY;
		difference = Math.max(difference, Math.abs(x - y));
		magnitude = Math.max(magnitude, Math.abs(x), Math.abs(y));
	}
	return magnitude === 0 ? 0 : difference / magnitude;
}
