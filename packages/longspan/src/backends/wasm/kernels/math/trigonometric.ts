// Sine and cosine. The argument is reduced by multiples of pi/2 in float64, two lanes at a time, where a double of pi/2 is exact
// enough up to LIMIT; beyond it, and for numbers that are not finite, lanes are done one by one.

/** Taylor coefficients of sin(r) / r and cos(r) in r², from the highest; 2 / pi, pi / 2. On [-pi/4, pi/4] they err by 1e-10. */
const SINE: usize = memory.data<f64>([
	-2.505210838544172e-8, 2.7557319223985893e-6, -1.984126984126984e-4, 8.333333333333333e-3, -0.16666666666666666, 1,
]);
const COSINE: usize = memory.data<f64>([
	-2.7557319223985894e-7, 2.48015873015873e-5, -1.388888888888889e-3, 4.1666666666666664e-2, -0.5, 1,
]);
const REDUCE: usize = memory.data<f64>([0.6366197723675814, 1.5707963267948966]);
/** Largest argument that is reduced by vectors: the error of the reduced argument is below 1e-10. */
const LIMIT: usize = memory.data<f32>([1e5]);

// @ts-ignore: decorator
@inline
function polynomial(table: usize, z: v128): v128 {
	let p = v128.load64_splat(table);
	for (let i: usize = 1; i < 6; i++) p = f64x2.add(f64x2.mul(p, z), v128.load64_splat(table + (i << 3)));
	return p;
}

/** sin(x + quarter pi/2) of two float64. */
// @ts-ignore: decorator
@inline
function sine2(x: v128, quarter: i64): v128 {
	const k = f64x2.nearest(f64x2.mul(x, v128.load64_splat(REDUCE)));
	const r = f64x2.sub(x, f64x2.mul(k, v128.load64_splat(REDUCE, 8)));
	const z = f64x2.mul(r, r);
	const whole = i64x2.extend_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(k));
	const turn = i64x2.add(whole, i64x2.splat(quarter));
	const odd = i64x2.neg(v128.and(turn, i64x2.splat(1)));
	const value = v128.bitselect(polynomial(COSINE, z), f64x2.mul(polynomial(SINE, z), r), odd);
	return v128.xor(value, i64x2.shl(v128.and(turn, i64x2.splat(2)), 62));
}

function sineOfLane(x: f32, quarter: i64): f32 {
	return <f32>(quarter == 0 ? Math.sin(<f64>x) : Math.cos(<f64>x));
}

/** Four lanes one by one. */
function slowSine4(x: v128, quarter: i64): v128 {
	let y = f32x4.splat(sineOfLane(f32x4.extract_lane(x, 0), quarter));
	y = f32x4.replace_lane(y, 1, sineOfLane(f32x4.extract_lane(x, 1), quarter));
	y = f32x4.replace_lane(y, 2, sineOfLane(f32x4.extract_lane(x, 2), quarter));
	return f32x4.replace_lane(y, 3, sineOfLane(f32x4.extract_lane(x, 3), quarter));
}

/** sin(x + quarter pi/2) for `quarter` 0 (sine) or 1 (cosine), over the whole range; NaN of NaN and of infinities. */
// @ts-ignore: decorator
@inline
function shiftedSine4(x: v128, quarter: i64): v128 {
	if (!i32x4.all_true(f32x4.le(f32x4.abs(x), v128.load32_splat(LIMIT)))) return slowSine4(x, quarter);
	const low = f32x4.demote_f64x2_zero(sine2(f64x2.promote_low_f32x4(x), quarter));
	const high = f32x4.demote_f64x2_zero(sine2(f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1)), quarter));
	return v128.shuffle<i64>(low, high, 0, 2);
}

// @ts-ignore: decorator
@inline
export function sine4(x: v128): v128 {
	return shiftedSine4(x, 0);
}

// @ts-ignore: decorator
@inline
export function cosine4(x: v128): v128 {
	return shiftedSine4(x, 1);
}
