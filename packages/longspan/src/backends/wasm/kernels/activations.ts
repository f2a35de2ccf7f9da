import { log1pUnit4, scaledErfc4, sigmoid4 } from "./elementary";
import { choose, expNonPositive4, expm1NonPositive4, madd, maddConstant } from "./simd";

// @ts-ignore: decorator
@inline const SQRT_HALF: f32 = 0.70710678;
/** 1 / sqrt(2 pi). */
// @ts-ignore: decorator
@inline const NORMAL_PEAK: f32 = 0.39894228;
/** 2 sqrt(2 / pi). */
// @ts-ignore: decorator
@inline const GELU_SCALE: f32 = 1.5957691;
// @ts-ignore: decorator
@inline const GELU_CUBIC: f32 = 0.044715;

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
	const sum = f32x4.add(e, f32x4.splat(1));
	return f32x4.div(e, f32x4.mul(sum, sum));
}

/** Derivative of tanh: tanh(x) = 2 sigmoid(2x) - 1. */
// @ts-ignore: decorator
@inline
export function tanhSlope4(x: v128): v128 {
	return f32x4.mul(sigmoidSlope4(f32x4.add(x, x)), f32x4.splat(4));
}

/** sigmoid(x) (1 + x (1 - sigmoid(x))). */
// @ts-ignore: decorator
@inline
export function siluSlope4(x: v128): v128 {
	const e = expNonPositive4(f32x4.neg(f32x4.abs(x)));
	const inverse = f32x4.div(f32x4.splat(1), f32x4.add(e, f32x4.splat(1)));
	const small = f32x4.mul(e, inverse);
	const negative = f32x4.lt(x, f32x4.splat(0));
	const sigmoid = choose(negative, small, inverse);
	const complement = choose(negative, inverse, small);
	return f32x4.mul(sigmoid, maddConstant(x, complement, 1));
}

/** Normal distribution function from density = e^(-x²/2); the lower tail does not cancel. */
// @ts-ignore: decorator
@inline
function normalCdf4(x: v128, density: v128): v128 {
	const scaled = scaledErfc4(f32x4.mul(f32x4.abs(x), f32x4.splat(SQRT_HALF)));
	const tail = f32x4.mul(f32x4.mul(density, scaled), f32x4.splat(0.5));
	return choose(f32x4.lt(x, f32x4.splat(0)), tail, f32x4.sub(f32x4.splat(1), tail));
}

/** e^(-x²/2). */
// @ts-ignore: decorator
@inline
function normalDensity4(x: v128): v128 {
	return expNonPositive4(f32x4.mul(f32x4.mul(x, f32x4.splat(-0.5)), x));
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
	return madd(f32x4.mul(x, density), f32x4.splat(NORMAL_PEAK), normalCdf4(x, density));
}

/** x within [-20, 20]: beyond, the tanh form of gelu is x or 0 in float32, and powers of x could overflow. */
// @ts-ignore: decorator
@inline
function boundForGelu(x: v128): v128 {
	return f32x4.pmax(f32x4.pmin(x, f32x4.splat(20)), f32x4.splat(-20));
}

/** x/2 (1 + tanh(u)) = x sigmoid(2u) with u = sqrt(2/π) (x + 0.044715 x³). */
// @ts-ignore: decorator
@inline
export function geluTanh4(x: v128): v128 {
	const bounded = boundForGelu(x);
	const inner = maddConstant(f32x4.mul(bounded, bounded), f32x4.splat(GELU_SCALE * GELU_CUBIC), GELU_SCALE);
	return f32x4.mul(x, sigmoid4(f32x4.mul(bounded, inner)));
}

/** s + x s (1 - s) (2u)' with s = sigmoid(2u). */
// @ts-ignore: decorator
@inline
export function geluTanhSlope4(x: v128): v128 {
	const bounded = boundForGelu(x);
	const square = f32x4.mul(bounded, bounded);
	const inner = maddConstant(square, f32x4.splat(GELU_SCALE * GELU_CUBIC), GELU_SCALE);
	const innerSlope = maddConstant(square, f32x4.splat(GELU_SCALE * 3 * GELU_CUBIC), GELU_SCALE);
	const argument = f32x4.mul(bounded, inner);
	const e = expNonPositive4(f32x4.neg(f32x4.abs(argument)));
	const inverse = f32x4.div(f32x4.splat(1), f32x4.add(e, f32x4.splat(1)));
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
	return choose(f32x4.gt(x, f32x4.splat(0)), f32x4.add(x, f32x4.splat(1)), expNonPositive4(x));
}

/** 1 above 0, e^x below. */
// @ts-ignore: decorator
@inline
export function eluSlope4(x: v128): v128 {
	return choose(f32x4.gt(x, f32x4.splat(0)), f32x4.splat(1), expNonPositive4(x));
}
