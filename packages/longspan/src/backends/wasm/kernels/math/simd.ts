// Vector helpers shared by the kernels. Everything is inlined: a call per vector would cost more than the work.
// Polynomial coefficients are minimax fits (smallest largest relative error), rounded to float32.

//
// Constants come from tables in memory: V8 builds vector literals from integer registers anew at every use inside a loop, which makes
// an exponential four times slower than the loads do.

/** 1, 2, 1/2. */
const UNITS: usize = memory.data<f32>([1, 2, 0.5]);

/** Number `index` of a table in all lanes. */
// @ts-ignore: decorator
@inline
export function constant4(table: usize, index: usize): v128 {
	return v128.load32_splat(table + (index << 2));
}

// @ts-ignore: decorator
@inline
export function one4(): v128 {
	return constant4(UNITS, 0);
}

// @ts-ignore: decorator
@inline
export function two4(): v128 {
	return constant4(UNITS, 1);
}

// @ts-ignore: decorator
@inline
export function half4(): v128 {
	return constant4(UNITS, 2);
}

/** a * b + c, fused where the build and the machine have it. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
	if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
	return f32x4.add(f32x4.mul(a, b), c);
}

/** mask ? a : b, where every lane of the mask is all ones or all zeros. */
// @ts-ignore: decorator
@inline
export function choose(mask: v128, a: v128, b: v128): v128 {
	if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_laneselect(a, b, mask);
	return v128.bitselect(a, b, mask);
}

// @ts-ignore: decorator
@inline
export function sumLanes(a: v128): f32 {
	const pairs = f32x4.add(a, v128.shuffle<i32>(a, a, 2, 3, 0, 1));
	return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** Largest lane; NaN if any lane is NaN. */
// @ts-ignore: decorator
@inline
export function maxLanes(a: v128): f32 {
	const pairs = f32x4.max(a, v128.shuffle<i32>(a, a, 2, 3, 0, 1));
	return max(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}

/** The first `count` (1 to 3) 32-bit elements at `address`, zeros after them. Reads nothing beyond. */
// @ts-ignore: decorator
@inline
export function loadPart(address: usize, count: i32): v128 {
	if (count == 1) return v128.load32_zero(address);
	const pair = v128.load64_zero(address);
	return count == 2 ? pair : v128.load_lane<i32>(address, pair, 2, 8);
}

/** Stores the first `count` (1 to 3) 32-bit lanes at `address`. */
// @ts-ignore: decorator
@inline
export function storePart(address: usize, a: v128, count: i32): void {
	v128.store_lane<i32>(address, a, 0);
	if (count > 1) v128.store_lane<i32>(address, a, 1, 4);
	if (count > 2) v128.store_lane<i32>(address, a, 2, 8);
}

/** The first `lanes` (1 to 4) 32-bit elements at `address`, zeros after them. */
// @ts-ignore: decorator
@inline
export function loadLanes(address: usize, lanes: i32): v128 {
	return lanes == 4 ? v128.load(address) : loadPart(address, lanes);
}

/** Stores the first `lanes` (1 to 4) 32-bit lanes at `address`. */
// @ts-ignore: decorator
@inline
export function storeLanes(address: usize, a: v128, lanes: i32): void {
	if (lanes == 4) v128.store(address, a);
	else storePart(address, a, lanes);
}

const SIGN: usize = memory.data<i32>([i32.MIN_VALUE]);

/** `magnitude` (not negative) with the sign of `x`. */
// @ts-ignore: decorator
@inline
export function copySign4(magnitude: v128, x: v128): v128 {
	return v128.or(magnitude, v128.and(x, constant4(SIGN, 0)));
}

const LANES: usize = memory.data<i32>([0, 1, 2, 3], 16);

/** All ones in the first `count` lanes, zeros in the others. */
// @ts-ignore: decorator
@inline
export function laneMask(count: i32): v128 {
	return i32x4.lt_s(v128.load(LANES), i32x4.splat(count));
}
