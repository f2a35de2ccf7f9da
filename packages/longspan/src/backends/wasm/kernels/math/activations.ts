import { log1pUnit4, scaledErfc4, sigmoid4 } from "./elementary";
import { expm1NonPositive4, expNonPositive4 } from "./exponential";
import { choose, constant4, half4, madd, one4 } from "./simd";

/** sqrt(1/2), 1 / sqrt(2 pi), and -1/2. */
const GELU: usize = memory.data<f32>([0.70710678, 0.39894228, -0.5]);
/**
 * Beyond +-20, the tanh form of gelu is x or 0 in float32. Then, with c = 2 sqrt(2 / pi): c, 0.044715 c, 3 * 0.044715 c.
 */
const GELU_TANH: usize = memory.data<f32>([20, -20, 1.5957691, 0.071354816, 0.21406445]);

/** log(1 + e^x) = max(x, 0) + log(1 + e^-|x|). */
// @ts-ignore: decorator
@inline
export function softplus4(x: v128): v128 {
	const e = expNonPositive4(f32x4.neg(f32x4.abs(x)));
	return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), log1pUnit4(e));
}

/** Derivative of the sigmoid, e^-|x| / (1 + e^-|x|)², which does not cancel. */
// @ts-ignore: decorator
@inline
export function sigmoidSlope4(x: v128): v128 {
	const e = expNonPositive4(f32x4.neg(f32x4.abs(x)));
	const sum = f32x4.add(e, one4());
	return f32x4.div(e, f32x4.mul(sum, sum));
}

/** Derivative of tanh: tanh(x) = 2 sigmoid(2x) - 1. */
// @ts-ignore: decorator
@inline
export function tanhSlope4(x: v128): v128 {
	const slope = sigmoidSlope4(f32x4.add(x, x));
	const twice = f32x4.add(slope, slope);
	return f32x4.add(twice, twice);
}

/** sigmoid(x) (1 + x (1 - sigmoid(x))). */
// @ts-ignore: decorator
@inline
export function siluSlope4(x: v128): v128 {
	const e = expNonPositive4(f32x4.neg(f32x4.abs(x)));
	const inverse = f32x4.div(one4(), f32x4.add(e, one4()));
	const small = f32x4.mul(e, inverse);
	const negative = f32x4.lt(x, f32x4.splat(0));
	const sigmoid = choose(negative, small, inverse);
	const complement = choose(negative, inverse, small);
	return f32x4.mul(sigmoid, madd(x, complement, one4()));
}

/** Normal distribution function from density = e^(-x²/2); the lower tail does not cancel. */
// @ts-ignore: decorator
@inline
function normalCdf4(x: v128, density: v128): v128 {
	const scaled = scaledErfc4(f32x4.mul(f32x4.abs(x), constant4(GELU, 0)));
	const tail = f32x4.mul(f32x4.mul(density, scaled), half4());
	return choose(f32x4.lt(x, f32x4.splat(0)), tail, f32x4.sub(one4(), tail));
}

/** e^(-x²/2). */
// @ts-ignore: decorator
@inline
function normalDensity4(x: v128): v128 {
	return expNonPositive4(f32x4.mul(f32x4.mul(x, constant4(GELU, 2)), x));
}

/** x Φ(x), the form with erf. */
// @ts-ignore: decorator
@inline
export function gelu4(x: v128): v128 {
	return f32x4.mul(x, normalCdf4(x, normalDensity4(x)));
}

/** Φ(x) + x φ(x). */
// @ts-ignore: decorator
@inline
export function geluSlope4(x: v128): v128 {
	const density = normalDensity4(x);
	return madd(f32x4.mul(x, density), constant4(GELU, 1), normalCdf4(x, density));
}

/** x within [-20, 20], so that powers of it do not overflow. */
// @ts-ignore: decorator
@inline
function boundForGelu(x: v128): v128 {
	return f32x4.pmax(f32x4.pmin(x, constant4(GELU_TANH, 0)), constant4(GELU_TANH, 1));
}

/** x/2 (1 + tanh(u)) = x sigmoid(2u) with u = sqrt(2/π) (x + 0.044715 x³). */
// @ts-ignore: decorator
@inline
export function geluTanh4(x: v128): v128 {
	const bounded = boundForGelu(x);
	const inner = madd(f32x4.mul(bounded, bounded), constant4(GELU_TANH, 3), constant4(GELU_TANH, 2));
	return f32x4.mul(x, sigmoid4(f32x4.mul(bounded, inner)));
}

/** s + x s (1 - s) (2u)' with s = sigmoid(2u). */
// @ts-ignore: decorator
@inline
export function geluTanhSlope4(x: v128): v128 {
	const bounded = boundForGelu(x);
	const square = f32x4.mul(bounded, bounded);
	const inner = madd(square, constant4(GELU_TANH, 3), constant4(GELU_TANH, 2));
	const innerSlope = madd(square, constant4(GELU_TANH, 4), constant4(GELU_TANH, 2));
	const argument = f32x4.mul(bounded, inner);
	const e = expNonPositive4(f32x4.neg(f32x4.abs(argument)));
	const inverse = f32x4.div(one4(), f32x4.add(e, one4()));
	const small = f32x4.mul(e, inverse);
	const sigmoid = choose(f32x4.lt(x, f32x4.splat(0)), small, inverse);
	return madd(f32x4.mul(bounded, innerSlope), f32x4.mul(small, inverse), sigmoid);
}

/** x above 0, e^x - 1 below. */
// @ts-ignore: decorator
@inline
export function elu4(x: v128): v128 {
	return choose(f32x4.gt(x, f32x4.splat(0)), x, expm1NonPositive4(x));
}

/** x + 1 above 0, e^x below. */
// @ts-ignore: decorator
@inline
export function eluPlusOne4(x: v128): v128 {
	return choose(f32x4.gt(x, f32x4.splat(0)), f32x4.add(x, one4()), expNonPositive4(x));
}

/** 1 above 0, e^x below. */
// @ts-ignore: decorator
@inline
export function eluSlope4(x: v128): v128 {
	return choose(f32x4.gt(x, f32x4.splat(0)), one4(), expNonPositive4(x));
}
