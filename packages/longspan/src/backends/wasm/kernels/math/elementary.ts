import { expNonPositive4 } from "./exponential";
import { choose, constant4, copySign4, madd, one4, two4 } from "./simd";

/** Coefficients of 2 artanh(s) / s - 2 in s², for s in [0, 1/3]. */
const LOG1P: usize = memory.data<f32>([0.2800678, 0.28003025, 0.40021437, 0.6666642]);

/** log(1 + u) for u in [0, 1], relative error near 1e-7 also for small u. */
// @ts-ignore: decorator
@inline
export function log1pUnit4(u: v128): v128 {
	const s = f32x4.div(u, f32x4.add(u, two4()));
	const z = f32x4.mul(s, s);
	let p = madd(constant4(LOG1P, 0), z, constant4(LOG1P, 1));
	p = madd(p, z, constant4(LOG1P, 2));
	p = madd(p, z, constant4(LOG1P, 3));
	return f32x4.mul(s, madd(p, z, two4()));
}

/** Coefficients of tanh(x) / x - 1 in x², for |x| below the last number. */
const TANH: usize = memory.data<f32>([-5.6922967e-3, 2.0628167e-2, -5.3736515e-2, 0.13331406, -0.3333328, 0.625]);

/** Small |x| by an odd polynomial, large by e^-2|x|. */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
	const magnitude = f32x4.abs(x);
	const z = f32x4.mul(x, x);
	let p = madd(constant4(TANH, 0), z, constant4(TANH, 1));
	p = madd(p, z, constant4(TANH, 2));
	p = madd(p, z, constant4(TANH, 3));
	p = madd(p, z, constant4(TANH, 4));
	const small = madd(f32x4.mul(x, z), p, x);
	const e = expNonPositive4(f32x4.neg(f32x4.add(magnitude, magnitude)));
	const large = f32x4.div(f32x4.sub(one4(), e), f32x4.add(one4(), e));
	return choose(f32x4.lt(magnitude, constant4(TANH, 5)), small, copySign4(large, x));
}

/** 1 / (1 + e^-x), without overflow. */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
	const e = expNonPositive4(f32x4.neg(f32x4.abs(x)));
	const numerator = choose(f32x4.lt(x, f32x4.splat(0)), e, one4());
	return f32x4.div(numerator, f32x4.add(e, one4()));
}

/** Coefficients 9 to 1 of a polynomial in 1 / (1 + 0.3 t), and the 0.3. */
const ERFC: usize = memory.data<f32>([
	-0.12945741, 0.48521915, -0.5115032, 0.54674435, -0.09390056, 0.21456596, 0.1484444, 0.17069814, 0.16918918, 0.3,
]);

/** e^t² erfc(t) for t >= 0, relative error 2e-7. */
// @ts-ignore: decorator
@inline
export function scaledErfc4(t: v128): v128 {
	const u = f32x4.div(one4(), madd(t, constant4(ERFC, 9), one4()));
	let p = madd(constant4(ERFC, 0), u, constant4(ERFC, 1));
	p = madd(p, u, constant4(ERFC, 2));
	p = madd(p, u, constant4(ERFC, 3));
	p = madd(p, u, constant4(ERFC, 4));
	p = madd(p, u, constant4(ERFC, 5));
	p = madd(p, u, constant4(ERFC, 6));
	p = madd(p, u, constant4(ERFC, 7));
	p = madd(p, u, constant4(ERFC, 8));
	return f32x4.mul(p, u);
}
