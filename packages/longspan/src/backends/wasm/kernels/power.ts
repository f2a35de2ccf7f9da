import { choose, copySign4, loadLanes, storeLanes } from "./simd";

/** x ^ 0.5, with the special values of IEEE 754 `pow`. */
// @ts-ignore: decorator
@inline
export function halfPower4(x: v128): v128 {
	const root = f32x4.add(f32x4.sqrt(x), f32x4.splat(0));
	return choose(f32x4.eq(x, f32x4.splat(-Infinity)), f32x4.splat(Infinity), root);
}

// General powers in float64, since float32 exponents would lose as many bits as the power has.

// @ts-ignore: decorator
@inline
function step(p: v128, x: v128, c: f64): v128 {
	return f64x2.add(f64x2.mul(p, x), f64x2.splat(c));
}

/** log of positive finite numbers, relative error 3e-14. */
// @ts-ignore: decorator
@inline
function log2Lanes(x: v128): v128 {
	// x = m 2^n with m in [sqrt(1/2), sqrt(2)).
	const exponent = i64x2.shr_s(i64x2.sub(x, i64x2.splat(0x3fe6a09e667f3bcd)), 52);
	const f = f64x2.sub(i64x2.sub(x, i64x2.shl(exponent, 52)), f64x2.splat(1));
	// Adding a small integer to the bits of 1.5 * 2^52 adds it to the value.
	const rounder = f64x2.splat(6755399441055744);
	const n = f64x2.sub(i64x2.add(exponent, rounder), rounder);
	const s = f64x2.div(f, f64x2.add(f, f64x2.splat(2)));
	const z = f64x2.mul(s, s);
	let p = f64x2.splat(0.195864989029);
	p = step(p, z, 0.221760409423);
	p = step(p, z, 0.285721122894);
	p = step(p, z, 0.399999955966);
	p = step(p, z, 0.666666666759);
	return f64x2.add(f64x2.mul(n, f64x2.splat(Math.LN2)), f64x2.mul(s, step(p, z, 2)));
}

/** exp of numbers within +-700, relative error 1e-12. */
// @ts-ignore: decorator
@inline
function exp2Lanes(x: v128): v128 {
	const rounder = f64x2.splat(6755399441055744);
	const rounded = f64x2.add(f64x2.mul(x, f64x2.splat(Math.LOG2E)), rounder);
	const r = f64x2.sub(x, f64x2.mul(f64x2.sub(rounded, rounder), f64x2.splat(Math.LN2)));
	let p = f64x2.splat(2.4708106021e-5);
	p = step(p, r, 1.99090739113e-4);
	p = step(p, r, 1.38891983549e-3);
	p = step(p, r, 8.33328160261e-3);
	p = step(p, r, 4.16666643916e-2);
	p = step(p, r, 0.166666667851);
	p = step(p, r, 0.500000000043);
	p = step(p, r, 1);
	p = step(p, r, 1);
	return f64x2.mul(p, i64x2.add(i64x2.shl(rounded, 52), f64x2.splat(1)));
}

// @ts-ignore: decorator
@inline
function powerLanes(magnitude: v128, exponent: f64): v128 {
	const power = f64x2.mul(log2Lanes(f64x2.promote_low_f32x4(magnitude)), f64x2.splat(exponent));
	const bounded = f64x2.pmax(f64x2.pmin(power, f64x2.splat(200)), f64x2.splat(-200));
	return f32x4.demote_f64x2_zero(exp2Lanes(bounded));
}

/** out = x ^ exponent for `count` elements and any exponent but 0, with the special values of IEEE 754 `pow`. */
export function powerBlock(x: usize, out: usize, count: i32, exponent: f64): void {
	const integer = Math.floor(exponent) == exponent;
	const odd = integer && Math.abs(exponent) < 9007199254740992 && (<i64>exponent & 1) != 0;
	const ofZero = f32x4.splat(exponent > 0 ? 0 : Infinity);
	const ofInfinity = f32x4.splat(exponent > 0 ? Infinity : 0);
	const signMask = i32x4.splat(odd ? i32.MIN_VALUE : 0);
	const ofNegative = f32x4.splat(NaN);
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
		result = choose(f32x4.eq(magnitude, f32x4.splat(Infinity)), ofInfinity, result);
		result = copySign4(result, v128.and(value, signMask));
		const negative = v128.and(f32x4.lt(value, f32x4.splat(0)), f32x4.gt(value, f32x4.splat(-Infinity)));
		result = choose(v128.and(negative, negativeMask), ofNegative, result);
		result = choose(f32x4.ne(value, value), value, result);
		const target = out + ((<usize>i) << 2);
		storeLanes(target, result, lanes);
	}
}
