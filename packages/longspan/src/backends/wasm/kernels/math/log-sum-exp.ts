import { sumExponentials } from "../rows/row-exponentials";
import { maxNumber, maxRow } from "../axis/row-sums";

/** Elements whose maximum and exponentials are taken while they are in the first cache. */
const BLOCK = 1024;

/**
 * What the last `sumRowExponentials` found: log of the sum of e^x is maximum + logSum. Kept apart since their sum loses digits where
 * the maximum is large.
 */
export let maximum: f32 = 0;
export let logSum: f32 = 0;

/** One pass over a row. The maximum of only -Infinity is -Infinity, and of a row with a NaN maximum + logSum is NaN. */
export function sumRowExponentials(count: i32, x: usize): void {
	let largest: f32 = -Infinity;
	let sum: f64 = 0;
	for (let start = 0; start < count; start += BLOCK) {
		const block = x + ((<usize>start) << 2);
		const length = min(BLOCK, count - start);
		const blockLargest = maxNumber(length, block);
		if (blockLargest > largest) {
			sum *= Math.exp(<f64>largest - <f64>blockLargest);
			largest = blockLargest;
		}
		// A block of only -Infinity adds nothing; one with a NaN does.
		if (largest > -Infinity) sum += sumExponentials(length, block, largest);
	}
	maximum = largest == -Infinity ? maxRow(count, x) : largest;
	logSum = largest == -Infinity ? 0 : <f32>Math.log(sum);
}
