import { choose, constant4, half4, madd, one4, two4 } from "./simd";

/**
 * 1.5 * 2^23, which added to a float rounds it to the nearest integer and leaves that integer in the low mantissa bits; log2(e); -ln 2
 * in two parts, of which the first has 9 bits, so that its products with exponents are exact without FMA; coefficients 6 to 2 of e^r.
 */
const EXP: usize = memory.data<f32>([
	12582912, 1.44269504, -0.693359375, 2.12194440e-4, 1.3820052e-3, 8.368683e-3, 4.1668274e-2, 0.16666521, 0.49999994,
]);
/** Arguments whose exponentials are certainly Infinity or 0, and the least one without subnormal results. */
const EXP_BOUNDS: usize = memory.data<f32>([89, -104.5, -87.3]);

/** log2(e) x rounded to an integer, with the rounder still added. */
// @ts-ignore: decorator
@inline
function roundedExponent(x: v128): v128 {
	return madd(x, constant4(EXP, 1), constant4(EXP, 0));
}

/** x - n ln 2. */
// @ts-ignore: decorator
@inline
function reduce(x: v128, rounded: v128): v128 {
	const n = f32x4.sub(rounded, constant4(EXP, 0));
	return madd(n, constant4(EXP, 3), madd(n, constant4(EXP, 2), x));
}

/** (e^r - 1 - r) / r² for r in [-ln 2 / 2, ln 2 / 2]: e^r then has a relative error of 3e-9 before rounding. */
// @ts-ignore: decorator
@inline
function expTail(r: v128): v128 {
	let p = madd(constant4(EXP, 4), r, constant4(EXP, 5));
	p = madd(p, r, constant4(EXP, 6));
	p = madd(p, r, constant4(EXP, 7));
	return madd(p, r, constant4(EXP, 8));
}

/** exp of the reduced argument. */
// @ts-ignore: decorator
@inline
function expReduced(r: v128): v128 {
	return madd(madd(expTail(r), r, one4()), r, one4());
}

/** 2^n; the shift drops all of the rounder's bits. */
// @ts-ignore: decorator
@inline
function powerOfTwo(rounded: v128): v128 {
	return i32x4.add(i32x4.shl(rounded, 23), one4());
}

/** e^x over the whole range, subnormal results included: Infinity above 88.7, 0 below -104, NaN of NaN. About 1 ulp. */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
	const bounded = f32x4.pmax(f32x4.pmin(x, constant4(EXP_BOUNDS, 0)), constant4(EXP_BOUNDS, 1));
	const rounded = roundedExponent(bounded);
	const p = expReduced(reduce(bounded, rounded));
	// 2^n in two factors, since n reaches from -151 to 128.
	const n = i32x4.sub(rounded, constant4(EXP, 0));
	const half = i32x4.shr_s(n, 1);
	return f32x4.mul(f32x4.mul(p, powerOfTwo(half)), powerOfTwo(i32x4.sub(n, half)));
}

/** e^x for x <= 0 (and a little above): 0 below -87.3 (no subnormal results), 0 of -Infinity, NaN of NaN. About 1 ulp. */
// @ts-ignore: decorator
@inline
export function expNonPositive4(x: v128): v128 {
	const rounded = roundedExponent(x);
	const p = expReduced(reduce(x, rounded));
	return v128.andnot(f32x4.mul(p, powerOfTwo(rounded)), f32x4.lt(x, constant4(EXP_BOUNDS, 2)));
}

/** e^x - 1 for x <= 0 with small relative error near 0; -1 below -87.3. */
// @ts-ignore: decorator
@inline
export function expm1NonPositive4(x: v128): v128 {
	// Keeps the reduction in range; a NaN stays.
	const bounded = f32x4.pmax(x, constant4(EXP_BOUNDS, 2));
	const rounded = roundedExponent(bounded);
	const r = reduce(bounded, rounded);
	const power = powerOfTwo(rounded);
	return madd(madd(f32x4.mul(r, r), expTail(r), r), power, f32x4.sub(power, one4()));
}

/** Smallest normal number, 2^23, Infinity; the exponent of 2^23 as a float, ln 2 in two parts. */
const LOG: usize = memory.data<f32>([1.17549435e-38, 8388608, Infinity, 23, 0.693359375, -2.12194440e-4]);
/** Coefficients of 2 artanh(s) / s - 2 in s², for |s| <= 0.172. */
const LOG_TAIL: usize = memory.data<f32>([0.29871905, 0.3997756, 0.66666776]);
/** Bits of sqrt(1/2). */
const LOG_SPLIT: usize = memory.data<i32>([0x3f3504f3]);
/** What becomes of 0, and of negative numbers. */
const LOG_SPECIAL: usize = memory.data<f32>([-Infinity, NaN]);

/** Natural logarithm: -Infinity of 0, NaN below, subnormals included. About 1 ulp. */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
	const subnormal = f32x4.lt(x, constant4(LOG, 0));
	const scaled = choose(subnormal, f32x4.mul(x, constant4(LOG, 1)), x);
	// x = m 2^n with m in [sqrt(1/2), sqrt(2)).
	const exponent = i32x4.shr_s(i32x4.sub(scaled, constant4(LOG_SPLIT, 0)), 23);
	const f = f32x4.sub(i32x4.sub(scaled, i32x4.shl(exponent, 23)), one4());
	const n = f32x4.sub(f32x4.convert_i32x4_s(exponent), v128.and(subnormal, constant4(LOG, 3)));
	// log(1 + f) = 2 artanh(s) = f - (f²/2 - s (f²/2 + R)), which keeps f exact.
	const s = f32x4.div(f, f32x4.add(f, two4()));
	const z = f32x4.mul(s, s);
	const p = madd(madd(constant4(LOG_TAIL, 0), z, constant4(LOG_TAIL, 1)), z, constant4(LOG_TAIL, 2));
	const halfSquare = f32x4.mul(f32x4.mul(f, f), half4());
	const low = madd(n, constant4(LOG, 5), f32x4.mul(s, madd(p, z, halfSquare)));
	const result = madd(n, constant4(LOG, 4), f32x4.sub(f, f32x4.sub(halfSquare, low)));
	const zero = f32x4.splat(0);
	const positive = f32x4.gt(x, zero);
	const finite = f32x4.lt(x, constant4(LOG, 2));
	const notPositive = choose(f32x4.eq(x, zero), constant4(LOG_SPECIAL, 0), constant4(LOG_SPECIAL, 1));
	return choose(v128.and(positive, finite), result, choose(positive, x, notPositive));
}
