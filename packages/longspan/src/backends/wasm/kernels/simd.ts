// Vector helpers shared by the kernels. Everything is inlined: a call per vector would cost more than the work.
// Polynomial coefficients are minimax fits (smallest largest relative error), rounded to float32.

// @ts-ignore: decorator
@inline const LOG2_E: f32 = 1.44269504;
/** ln 2 in two parts: the first has 9 bits, so that its products with exponents are exact without FMA. */
// @ts-ignore: decorator
@inline const LN2_HIGH: f32 = 0.693359375;
// @ts-ignore: decorator
@inline const LN2_LOW: f32 = -2.12194440e-4;
/** 1.5 * 2^23: adding it rounds a float to the nearest integer and leaves that integer in the low mantissa bits. */
// @ts-ignore: decorator
@inline const ROUNDER: f32 = 12582912;
// @ts-ignore: decorator
@inline const ROUNDER_BITS: i32 = 0x4b400000;
// @ts-ignore: decorator
@inline const ONE_BITS: i32 = 0x3f800000;

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

/** a * b + c with a constant c, one step of a polynomial. */
// @ts-ignore: decorator
@inline
export function maddConstant(a: v128, b: v128, c: f32): v128 {
	return madd(a, b, f32x4.splat(c));
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

/** (e^r - 1 - r) / r² for r in [-ln 2 / 2, ln 2 / 2]: e^r then has a relative error of 3e-9 before rounding. */
// @ts-ignore: decorator
@inline
function expTail(r: v128): v128 {
	let p = f32x4.splat(1.3820052e-3);
	p = maddConstant(p, r, 8.368683e-3);
	p = maddConstant(p, r, 4.1668274e-2);
	p = maddConstant(p, r, 0.16666521);
	return maddConstant(p, r, 0.49999994);
}

/** exp of the reduced argument. */
// @ts-ignore: decorator
@inline
function expReduced(r: v128): v128 {
	return maddConstant(maddConstant(expTail(r), r, 1), r, 1);
}

/** x - n ln 2. */
// @ts-ignore: decorator
@inline
function subtractLn2(x: v128, n: v128): v128 {
	return madd(n, f32x4.splat(-LN2_LOW), madd(n, f32x4.splat(-LN2_HIGH), x));
}

/** e^x over the whole range, subnormal results included: Infinity above 88.7, 0 below -104, NaN of NaN. About 1 ulp. */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
	const bounded = f32x4.pmax(f32x4.pmin(x, f32x4.splat(89)), f32x4.splat(-104.5));
	const rounded = madd(bounded, f32x4.splat(LOG2_E), f32x4.splat(ROUNDER));
	const p = expReduced(subtractLn2(bounded, f32x4.sub(rounded, f32x4.splat(ROUNDER))));
	// 2^n in two factors, since n reaches from -151 to 128.
	const n = i32x4.sub(rounded, i32x4.splat(ROUNDER_BITS));
	const half = i32x4.shr_s(n, 1);
	const first = i32x4.add(i32x4.shl(half, 23), i32x4.splat(ONE_BITS));
	const second = i32x4.add(i32x4.shl(i32x4.sub(n, half), 23), i32x4.splat(ONE_BITS));
	return f32x4.mul(f32x4.mul(p, first), second);
}

/** e^x for x <= 0 (and a little above): 0 below -87.3 (no subnormal results), 0 of -Infinity, NaN of NaN. About 1 ulp. */
// @ts-ignore: decorator
@inline
export function expNonPositive4(x: v128): v128 {
	const rounded = madd(x, f32x4.splat(LOG2_E), f32x4.splat(ROUNDER));
	const p = expReduced(subtractLn2(x, f32x4.sub(rounded, f32x4.splat(ROUNDER))));
	// The shift drops all of the rounder's bits.
	const power = i32x4.add(i32x4.shl(rounded, 23), i32x4.splat(ONE_BITS));
	return v128.andnot(f32x4.mul(p, power), f32x4.lt(x, f32x4.splat(-87.3)));
}

/** Natural logarithm: -Infinity of 0, NaN below, subnormals included. About 1 ulp. */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
	const subnormal = f32x4.lt(x, f32x4.splat(1.17549435e-38));
	const scaled = choose(subnormal, f32x4.mul(x, f32x4.splat(8388608)), x);
	// x = m 2^n with m in [sqrt(1/2), sqrt(2)).
	const exponent = i32x4.shr_s(i32x4.sub(scaled, i32x4.splat(0x3f3504f3)), 23);
	const f = f32x4.sub(i32x4.sub(scaled, i32x4.shl(exponent, 23)), f32x4.splat(1));
	const n = f32x4.sub(f32x4.convert_i32x4_s(exponent), v128.and(subnormal, f32x4.splat(23)));
	// log(1 + f) = 2 artanh(s) = f - (f²/2 - s (f²/2 + R)), which keeps f exact.
	const s = f32x4.div(f, f32x4.add(f, f32x4.splat(2)));
	const z = f32x4.mul(s, s);
	let p = f32x4.splat(0.29871905);
	p = maddConstant(p, z, 0.3997756);
	p = maddConstant(p, z, 0.66666776);
	const halfSquare = f32x4.mul(f32x4.mul(f, f), f32x4.splat(0.5));
	const low = madd(n, f32x4.splat(LN2_LOW), f32x4.mul(s, madd(p, z, halfSquare)));
	const result = madd(n, f32x4.splat(LN2_HIGH), f32x4.sub(f, f32x4.sub(halfSquare, low)));
	const positive = f32x4.gt(x, f32x4.splat(0));
	const finite = f32x4.lt(x, f32x4.splat(Infinity));
	const zero = f32x4.eq(x, f32x4.splat(0));
	const special = choose(positive, x, choose(zero, f32x4.splat(-Infinity), f32x4.splat(NaN)));
	return choose(v128.and(positive, finite), result, special);
}

/** `magnitude` (not negative) with the sign of `x`. */
// @ts-ignore: decorator
@inline
export function copySign4(magnitude: v128, x: v128): v128 {
	return v128.or(magnitude, v128.and(x, i32x4.splat(0x80000000)));
}

/** e^x - 1 for x <= 0 with small relative error near 0; -1 below -87.3. */
// @ts-ignore: decorator
@inline
export function expm1NonPositive4(x: v128): v128 {
	// Keeps the reduction in range; a NaN stays.
	const bounded = f32x4.pmax(x, f32x4.splat(-87.3));
	const rounded = madd(bounded, f32x4.splat(LOG2_E), f32x4.splat(ROUNDER));
	const r = subtractLn2(bounded, f32x4.sub(rounded, f32x4.splat(ROUNDER)));
	const reduced = madd(f32x4.mul(r, r), expTail(r), r);
	const power = i32x4.add(i32x4.shl(rounded, 23), i32x4.splat(ONE_BITS));
	return madd(reduced, power, f32x4.sub(power, f32x4.splat(1)));
}

/** All ones in the first `count` lanes, zeros in the others. */
// @ts-ignore: decorator
@inline
export function laneMask(count: i32): v128 {
	return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
}
