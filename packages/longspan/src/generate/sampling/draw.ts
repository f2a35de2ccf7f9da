import { philox } from "../../backends/interface/philox.js";
import { sumOf } from "./keep-likeliest.js";

/**
 * Draws an index in proportion to the weights.
 *
 * @param uniform a random number in [0, 1)
 * @returns -1 if no weight is above 0
 */
export function drawIndex(weights: Float64Array, uniform: number): number {
	const target = uniform * sumOf(weights);
	let passed = 0;
	let drawn = -1;
	for (let id = 0; id < weights.length; id++) {
		const weight = weights[id] as number;
		if (weight === 0) continue;
		passed += weight;
		drawn = id;
		if (passed > target) break;
	}
	return drawn;
}

/** Sets these random numbers apart from others of the same seed. */
const stream = 0x73616d70;

/**
 * The random number of a position of a sequence, in [0, 1), with 53 bits.
 *
 * @param sequence integer below 2^32
 */
export function uniformOf(seed: number, position: number, sequence: number): number {
	const [high, low] = philox(
		[position >>> 0, Math.floor(position / 2 ** 32), stream, sequence],
		[seed >>> 0, Math.floor(seed / 2 ** 32)],
	);
	return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
}
