import { choose, constant4, copySign4, loadLanes, storeLanes } from "./simd";

/** Infinity, -Infinity, NaN. */
const INFINITIES: usize = memory.data<f32>([Infinity, -Infinity, NaN]);

/** x ^ 0.5, with the special values of IEEE 754 `pow`. */
// @ts-ignore: decorator
@inline
export function halfPower4(x: v128): v128 {
	const root = f32x4.add(f32x4.sqrt(x), f32x4.splat(0));
	return choose(f32x4.eq(x, constant4(INFINITIES, 1)), constant4(INFINITIES, 0), root);
}

// General powers in float64, since float32 exponents would lose as many bits as the power has.

/** 1, 2, 1.5 * 2^52, whose bits take up small integers, ln 2, log2(e), and the bound of exponents. */
const UNITS: usize = memory.data<f64>([1, 2, 6755399441055744, 0.6931471805599453, 1.4426950408889634, 200, -200]);
/** Bits of sqrt(1/2). */
const LOG_SPLIT: usize = memory.data<i64>([0x3fe6a09e667f3bcd]);
/** Coefficients of 2 artanh(s) / s - 2 in s², for |s| <= 0.172. */
const LOG: usize = memory.data<f64>([0.195864989029, 0.221760409423, 0.285721122894, 0.399999955966, 0.666666666759]);
/** Coefficients 8 to 2 of e^r for |r| <= ln 2 / 2. */
const EXP: usize = memory.data<f64>([
	2.4708106021e-5, 1.99090739113e-4, 1.38891983549e-3, 8.33328160261e-3, 4.16666643916e-2, 0.166666667851, 0.500000000043,
]);

// @ts-ignore: decorator
@inline
function constant2(table: usize, index: usize): v128 {
	return v128.load64_splat(table + (index << 3));
}

/** p x + c */
// @ts-ignore: decorator
@inline
function step(p: v128, x: v128, c: v128): v128 {
	return f64x2.add(f64x2.mul(p, x), c);
}

/** log of positive finite numbers, relative error 3e-14. */
// @ts-ignore: decorator
@inline
function log2Lanes(x: v128): v128 {
	// x = m 2^n with m in [sqrt(1/2), sqrt(2)).
	const exponent = i64x2.shr_s(i64x2.sub(x, constant2(LOG_SPLIT, 0)), 52);
	const f = f64x2.sub(i64x2.sub(x, i64x2.shl(exponent, 52)), constant2(UNITS, 0));
	const rounder = constant2(UNITS, 2);
	const n = f64x2.sub(i64x2.add(exponent, rounder), rounder);
	const s = f64x2.div(f, f64x2.add(f, constant2(UNITS, 1)));
	const z = f64x2.mul(s, s);
	let p = step(constant2(LOG, 0), z, constant2(LOG, 1));
	p = step(p, z, constant2(LOG, 2));
	p = step(p, z, constant2(LOG, 3));
	p = step(p, z, constant2(LOG, 4));
	return f64x2.add(f64x2.mul(n, constant2(UNITS, 3)), f64x2.mul(s, step(p, z, constant2(UNITS, 1))));
}

/** exp of numbers within +-700, relative error 1e-12. */
// @ts-ignore: decorator
@inline
function exp2Lanes(x: v128): v128 {
	const rounder = constant2(UNITS, 2);
	const rounded = step(x, constant2(UNITS, 4), rounder);
	const r = f64x2.sub(x, f64x2.mul(f64x2.sub(rounded, rounder), constant2(UNITS, 3)));
	let p = step(constant2(EXP, 0), r, constant2(EXP, 1));
	p = step(p, r, constant2(EXP, 2));
	p = step(p, r, constant2(EXP, 3));
	p = step(p, r, constant2(EXP, 4));
	p = step(p, r, constant2(EXP, 5));
	p = step(p, r, constant2(EXP, 6));
	p = step(p, r, constant2(UNITS, 0));
	p = step(p, r, constant2(UNITS, 0));
	return f64x2.mul(p, i64x2.add(i64x2.shl(rounded, 52), constant2(UNITS, 0)));
}

// @ts-ignore: decorator
@inline
function powerLanes(magnitude: v128, exponent: f64): v128 {
	const power = f64x2.mul(log2Lanes(f64x2.promote_low_f32x4(magnitude)), f64x2.splat(exponent));
	const bounded = f64x2.pmax(f64x2.pmin(power, constant2(UNITS, 5)), constant2(UNITS, 6));
	return f32x4.demote_f64x2_zero(exp2Lanes(bounded));
}

/** out = x ^ exponent for `count` elements and any exponent but 0, with the special values of IEEE 754 `pow`. */
export function powerBlock(x: usize, out: usize, count: i32, exponent: f64): void {
	const integer = Math.floor(exponent) == exponent;
	const odd = integer && Math.abs(exponent) < 9007199254740992 && (<i64>exponent & 1) != 0;
	const ofZero = f32x4.splat(exponent > 0 ? 0 : Infinity);
	const ofInfinity = f32x4.splat(exponent > 0 ? Infinity : 0);
	const signMask = i32x4.splat(odd ? i32.MIN_VALUE : 0);
	const negativeMask = i32x4.splat(integer ? 0 : -1);
	for (let i = 0; i < count; i += 4) {
		const lanes = min(4, count - i);
		const source = x + ((<usize>i) << 2);
		const value = loadLanes(source, lanes);
		const magnitude = f32x4.abs(value);
		const low = powerLanes(magnitude, exponent);
		const high = powerLanes(v128.shuffle<i64>(magnitude, magnitude, 1, 1), exponent);
		let result = v128.shuffle<i64>(low, high, 0, 2);
		result = choose(f32x4.eq(magnitude, f32x4.splat(0)), ofZero, result);
		result = choose(f32x4.eq(magnitude, constant4(INFINITIES, 0)), ofInfinity, result);
		result = copySign4(result, v128.and(value, signMask));
		const negative = v128.and(f32x4.lt(value, f32x4.splat(0)), f32x4.gt(value, constant4(INFINITIES, 1)));
		result = choose(v128.and(negative, negativeMask), constant4(INFINITIES, 2), result);
		result = choose(f32x4.ne(value, value), value, result);
		const target = out + ((<usize>i) << 2);
		storeLanes(target, result, lanes);
	}
}
