import { RunningStateSize } from "./running-state-size";
import { exp4 } from "../math/exponential";
import { loadLanes } from "../math/simd";
import { offsetOrNull } from "../math/vectors";

// The decay inside one chunk: three tables of factors, one a position. They are products of factors in [0, 1] rather than
// exponentials of differences of sums: nothing cancels, and a reset (-Infinity or any very negative number) is a factor 0.
// A null `decay` stands for none, and its tables are null.

// @ts-ignore: decorator
@inline const TABLE_BYTES: usize = <usize>RunningStateSize.chunk << 2;

/** Smaller decays count as 0: subnormal numbers are slow, and next to the newest key's 1 they are nothing. */
// @ts-ignore: decorator
@inline export const NEGLIGIBLE: f32 = 1e-37;

/** Table of exp(logDecay[i]). */
// @ts-ignore: decorator
@inline
export function stepDecays(decay: usize): usize {
	return decay;
}

/** Table of the decay from before the chunk to position i: the product of the steps up to and including i. */
// @ts-ignore: decorator
@inline
export function prefixDecays(decay: usize): usize {
	return offsetOrNull(decay, TABLE_BYTES);
}

/** Table of the decay from position i to the chunk's end: the product of the steps after i. */
// @ts-ignore: decorator
@inline
export function suffixDecays(decay: usize): usize {
	return offsetOrNull(decay, 2 * TABLE_BYTES);
}

// @ts-ignore: decorator
@inline
function product(a: f32, b: f32): f32 {
	const p = a * b;
	return p < NEGLIGIBLE ? 0 : p;
}

/** Fills the tables for `rows` positions and returns the chunk's sum of log decays. */
export function fillDecays(decay: usize, logDecay: usize, rows: i32): f64 {
	const steps = stepDecays(decay);
	for (let i = 0; i < rows; i += 4) {
		const source = logDecay + (<usize>i << 2);
		v128.store(steps + (<usize>i << 2), exp4(loadLanes(source, min(4, rows - i))));
	}
	let sum: f64 = 0;
	let prefix: f32 = 1;
	for (let i = 0; i < rows; i++) {
		const offset = <usize>i << 2;
		sum += <f64>load<f32>(logDecay + offset);
		prefix = product(prefix, load<f32>(steps + offset));
		store<f32>(prefixDecays(decay) + offset, prefix);
	}
	let suffix: f32 = 1;
	for (let i = rows - 1; i >= 0; i--) {
		const offset = <usize>i << 2;
		store<f32>(suffixDecays(decay) + offset, suffix);
		suffix = product(suffix, load<f32>(steps + offset));
	}
	return sum;
}
