import { choose, copySign4, expNonPositive4, madd, maddConstant } from "./simd";

/** log(1 + u) for u in [0, 1], relative error near 1e-7 also for small u. */
// @ts-ignore: decorator
@inline
export function log1pUnit4(u: v128): v128 {
	const s = f32x4.div(u, f32x4.add(u, f32x4.splat(2)));
	const z = f32x4.mul(s, s);
	let p = f32x4.splat(0.2800678);
	p = maddConstant(p, z, 0.28003025);
	p = maddConstant(p, z, 0.40021437);
	p = maddConstant(p, z, 0.6666642);
	return f32x4.mul(s, maddConstant(p, z, 2));
}

/** Small |x| by an odd polynomial, large by e^-2|x|. */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
	const magnitude = f32x4.abs(x);
	const z = f32x4.mul(x, x);
	let p = f32x4.splat(-5.6922967e-3);
	p = maddConstant(p, z, 2.0628167e-2);
	p = maddConstant(p, z, -5.3736515e-2);
	p = maddConstant(p, z, 0.13331406);
	p = maddConstant(p, z, -0.3333328);
	const small = madd(f32x4.mul(x, z), p, x);
	const e = expNonPositive4(f32x4.mul(magnitude, f32x4.splat(-2)));
	const large = f32x4.div(f32x4.sub(f32x4.splat(1), e), f32x4.add(f32x4.splat(1), e));
	return choose(f32x4.lt(magnitude, f32x4.splat(0.625)), small, copySign4(large, x));
}

/** 1 / (1 + e^-x), without overflow. */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
	const e = expNonPositive4(f32x4.neg(f32x4.abs(x)));
	const numerator = choose(f32x4.lt(x, f32x4.splat(0)), e, f32x4.splat(1));
	return f32x4.div(numerator, f32x4.add(e, f32x4.splat(1)));
}

/** e^t² erfc(t) for t >= 0: a polynomial in 1 / (1 + 0.3 t), relative error 2e-7. */
// @ts-ignore: decorator
@inline
export function scaledErfc4(t: v128): v128 {
	const u = f32x4.div(f32x4.splat(1), maddConstant(t, f32x4.splat(0.3), 1));
	let p = f32x4.splat(-0.12945741);
	p = maddConstant(p, u, 0.48521915);
	p = maddConstant(p, u, -0.5115032);
	p = maddConstant(p, u, 0.54674435);
	p = maddConstant(p, u, -0.09390056);
	p = maddConstant(p, u, 0.21456596);
	p = maddConstant(p, u, 0.1484444);
	p = maddConstant(p, u, 0.17069814);
	p = maddConstant(p, u, 0.16918918);
	return f32x4.mul(p, u);
}
