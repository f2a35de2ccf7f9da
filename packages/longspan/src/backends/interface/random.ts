import type { DeviceBuffer } from "./buffers.js";

/** Key of a counter-based generator: the same key and position always give the same number. */
export interface RandomKey {
	/** Two unsigned 32-bit words. */
	readonly seed: readonly [number, number];
	/** Separates independent streams of one seed (layer, step, purpose), two unsigned 32-bit words. */
	readonly stream: readonly [number, number];
}

/** Philox4x32-10: key = seed, counter = [block, 0, stream0, stream1], four words a block (element i uses word i mod 4 of block i div 4). */
export interface RandomKernels {
	/**
	 * uniform: word / 2^32 rounded down to 24 bits, in [0, 1). normal: Box-Muller on the uniform pair (u1, u2) of words
	 * (0, 1) and (2, 3): sqrt(-2 ln(1 - u1)) * (cos, sin)(2 pi u2).
	 */
	random(distribution: "uniform" | "normal", out: DeviceBuffer, key: RandomKey): void;
	/** out = uniform >= rate ? x / (1 - rate) : 0. Its own gradient when given dy as x. */
	dropout(x: DeviceBuffer, out: DeviceBuffer, rate: number, key: RandomKey): void;
}
