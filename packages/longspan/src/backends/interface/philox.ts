/** Four unsigned 32-bit words. */
export type Block = readonly [number, number, number, number];

const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
const keyStep0 = 0x9e3779b9;
const keyStep1 = 0xbb67ae85;

/** Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): a block of random words from a counter and a key. */
export function philox(counter: Block, key: readonly [number, number]): Block {
	let [c0, c1, c2, c3] = counter;
	let [k0, k1] = key;
	for (let round = 0; round < 10; round++) {
		const high0 = multiplyHigh(multiplier0, c0);
		const low0 = Math.imul(multiplier0, c0);
		const high1 = multiplyHigh(multiplier1, c2);
		const low1 = Math.imul(multiplier1, c2);
		[c0, c1, c2, c3] = [high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0];
		k0 += keyStep0;
		k1 += keyStep1;
	}
	return [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
}

/** The upper 32 bits of the 64-bit product of two unsigned 32-bit words, from products of 16-bit halves. */
function multiplyHigh(a: number, b: number): number {
	const aLow = a & 0xffff;
	const aHigh = a >>> 16;
	const bLow = b & 0xffff;
	const bHigh = b >>> 16;
	const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
	// Neither sum exceeds 32 bits: (2^16 - 1)² + 2^16 - 1 < 2^32.
	const carry = aLow * bHigh + (middle & 0xffff);
	return (aHigh * bHigh + (middle >>> 16) + (carry >>> 16)) >>> 0;
}
