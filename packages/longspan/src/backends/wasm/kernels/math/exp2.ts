import { madd } from "./simd";

/** Factors between natural and base-2 logarithms. */
// @ts-ignore: decorator
@inline export const LOG2_E: f64 = 1.4426950408889634;
// @ts-ignore: decorator
@inline export const LN2: f32 = 0.6931472;

/**
 * The constants of `exp2NonPositive4`, for `v128.load32_splat` before a loop. They come from memory because V8 builds vector literals
 * anew at every use inside a loop, which takes as long as the arithmetic.
 *
 * In order: the bound -127; the rounder 1.5 * 2^23, which added to a float rounds it to an integer and leaves that in the low mantissa
 * bits; coefficients 5 to 0 of a minimax polynomial for 2^f on [-1/2, 1/2] with value 1 at 0.
 */
export const EXP2_CONSTANTS: usize = memory.data<f32>([
	-127, 12582912, 1.3264727e-3, 9.671513e-3, 5.5507336e-2, 0.24022242, 0.693147, 1,
]);

/**
 * 2^x for x <= 0 and a little above (below 127). Exactly 0 for x <= -127, hence of -Infinity, exactly 1 of 0, NaN of NaN; absolute
 * error below 2^-126 between -127 and -126, elsewhere relative error below 2e-7.
 */
// @ts-ignore: decorator
@inline
export function exp2NonPositive4(
	x: v128,
	bound: v128,
	rounder: v128,
	c5: v128,
	c4: v128,
	c3: v128,
	c2: v128,
	c1: v128,
	c0: v128,
): v128 {
	// At the bound the polynomial is exactly 1, so that subtracting 127 from its exponent leaves only zero bits.
	const bounded = f32x4.pmax(x, bound);
	const rounded = f32x4.add(bounded, rounder);
	const f = f32x4.sub(bounded, f32x4.sub(rounded, rounder));
	let p = madd(c5, f, c4);
	p = madd(p, f, c3);
	p = madd(p, f, c2);
	p = madd(p, f, c1);
	p = madd(p, f, c0);
	// The shift drops all of the rounder's bits.
	return i32x4.add(p, i32x4.shl(rounded, 23));
}

/** `exp2NonPositive4` outside of loops. */
// @ts-ignore: decorator
@inline
export function exp2Once4(x: v128): v128 {
	return exp2NonPositive4(
		x,
		v128.load32_splat(EXP2_CONSTANTS),
		v128.load32_splat(EXP2_CONSTANTS, 4),
		v128.load32_splat(EXP2_CONSTANTS, 8),
		v128.load32_splat(EXP2_CONSTANTS, 12),
		v128.load32_splat(EXP2_CONSTANTS, 16),
		v128.load32_splat(EXP2_CONSTANTS, 20),
		v128.load32_splat(EXP2_CONSTANTS, 24),
		v128.load32_splat(EXP2_CONSTANTS, 28),
	);
}
