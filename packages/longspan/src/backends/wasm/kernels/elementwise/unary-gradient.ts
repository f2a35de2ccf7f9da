import { eluSlope4, geluSlope4, geluTanhSlope4, sigmoidSlope4, siluSlope4, tanhSlope4 } from "../math/activations";
import { sigmoid4 } from "../math/elementary";
import { exp4 } from "../math/exponential";
import { halfPower4, powerBlock } from "../math/power";
import { loadLanes, one4, storeLanes } from "../math/simd";
import { cosine4, sine4 } from "../math/trigonometric";
import { Elementwise, SlopeCode } from "./unary-code";

/** `code` is constant wherever this is inlined, so that one branch is left. */
// @ts-ignore: decorator
@inline
function slope(code: i32, x: v128): v128 {
	if (code == SlopeCode.exp) return exp4(x);
	if (code == SlopeCode.tanhSlope) return tanhSlope4(x);
	if (code == SlopeCode.sigmoid) return sigmoid4(x);
	if (code == SlopeCode.sigmoidSlope) return sigmoidSlope4(x);
	if (code == SlopeCode.geluSlope) return geluSlope4(x);
	if (code == SlopeCode.geluTanhSlope) return geluTanhSlope4(x);
	if (code == SlopeCode.siluSlope) return siluSlope4(x);
	if (code == SlopeCode.eluSlope) return eluSlope4(x);
	if (code == SlopeCode.identity) return x;
	if (code == SlopeCode.square) return f32x4.mul(x, x);
	if (code == SlopeCode.cube) return f32x4.mul(f32x4.mul(x, x), x);
	if (code == SlopeCode.reciprocal) return f32x4.div(one4(), x);
	if (code == SlopeCode.halfPower) return halfPower4(x);
	if (code == SlopeCode.sine) return sine4(x);
	if (code == SlopeCode.cosine) return cosine4(x);
	return f32x4.div(one4(), halfPower4(x));
}

/** dy * factor * f(x). */
// @ts-ignore: decorator
@inline
function evaluate(code: i32, x: v128, dy: v128, factor: v128): v128 {
	if (code == SlopeCode.one) return f32x4.mul(dy, factor);
	if (code == SlopeCode.step) return v128.and(dy, f32x4.gt(x, f32x4.splat(0)));
	return f32x4.mul(f32x4.mul(dy, factor), slope(code, x));
}

// @ts-ignore: decorator
@inline
function gradientLoop(code: i32, x: usize, dy: usize, dx: usize, count: i32, factor: f32): void {
	const f = f32x4.splat(factor);
	for (; count >= 8; count -= 8) {
		const first = evaluate(code, v128.load(x), v128.load(dy), f);
		const second = evaluate(code, v128.load(x, 16), v128.load(dy, 16), f);
		v128.store(dx, first);
		v128.store(dx, second, 16);
		x += 32;
		dy += 32;
		dx += 32;
	}
	for (; count > 0; count -= 4) {
		const lanes = min(4, count);
		storeLanes(dx, evaluate(code, loadLanes(x, lanes), loadLanes(dy, lanes), f), lanes);
		x += 16;
		dy += 16;
		dx += 16;
	}
}

// One function for every operation, called through a table: V8 widens vectors (see the turbo build) in small functions only.

function oneLoop(x: usize, dy: usize, dx: usize, count: i32, factor: f32): void {
	gradientLoop(SlopeCode.one, x, dy, dx, count, factor);
}
function expLoop(x: usize, dy: usize, dx: usize, count: i32, factor: f32): void {
	gradientLoop(SlopeCode.exp, x, dy, dx, count, factor);
}
function tanhSlopeLoop(x: usize, dy: usize, dx: usize, count: i32, factor: f32): void {
	gradientLoop(SlopeCode.tanhSlope, x, dy, dx, count, factor);
}
function sigmoidLoop(x: usize, dy: usize, dx: usize, count: i32, factor: f32): void {
	gradientLoop(SlopeCode.sigmoid, x, dy, dx, count, factor);
}
function sigmoidSlopeLoop(x: usize, dy: usize, dx: usize, count: i32, factor: f32): void {
	gradientLoop(SlopeCode.sigmoidSlope, x, dy, dx, count, factor);
}
function stepLoop(x: usize, dy: usize, dx: usize, count: i32, factor: f32): void {
	gradientLoop(SlopeCode.step, x, dy, dx, count, factor);
}
function geluSlopeLoop(x: usize, dy: usize, dx: usize, count: i32, factor: f32): void {
	gradientLoop(SlopeCode.geluSlope, x, dy, dx, count, factor);
}
function geluTanhSlopeLoop(x: usize, dy: usize, dx: usize, count: i32, factor: f32): void {
	gradientLoop(SlopeCode.geluTanhSlope, x, dy, dx, count, factor);
}
function siluSlopeLoop(x: usize, dy: usize, dx: usize, count: i32, factor: f32): void {
	gradientLoop(SlopeCode.siluSlope, x, dy, dx, count, factor);
}
function eluSlopeLoop(x: usize, dy: usize, dx: usize, count: i32, factor: f32): void {
	gradientLoop(SlopeCode.eluSlope, x, dy, dx, count, factor);
}
function identityLoop(x: usize, dy: usize, dx: usize, count: i32, factor: f32): void {
	gradientLoop(SlopeCode.identity, x, dy, dx, count, factor);
}
function squareLoop(x: usize, dy: usize, dx: usize, count: i32, factor: f32): void {
	gradientLoop(SlopeCode.square, x, dy, dx, count, factor);
}
function cubeLoop(x: usize, dy: usize, dx: usize, count: i32, factor: f32): void {
	gradientLoop(SlopeCode.cube, x, dy, dx, count, factor);
}
function reciprocalLoop(x: usize, dy: usize, dx: usize, count: i32, factor: f32): void {
	gradientLoop(SlopeCode.reciprocal, x, dy, dx, count, factor);
}
function halfPowerLoop(x: usize, dy: usize, dx: usize, count: i32, factor: f32): void {
	gradientLoop(SlopeCode.halfPower, x, dy, dx, count, factor);
}
function minusHalfPowerLoop(x: usize, dy: usize, dx: usize, count: i32, factor: f32): void {
	gradientLoop(SlopeCode.minusHalfPower, x, dy, dx, count, factor);
}
function sineLoop(x: usize, dy: usize, dx: usize, count: i32, factor: f32): void {
	gradientLoop(SlopeCode.sine, x, dy, dx, count, factor);
}
function cosineLoop(x: usize, dy: usize, dx: usize, count: i32, factor: f32): void {
	gradientLoop(SlopeCode.cosine, x, dy, dx, count, factor);
}

/** By `SlopeCode`. */
const LOOPS: StaticArray<(x: usize, dy: usize, dx: usize, count: i32, factor: f32) => void> = [
	oneLoop,
	expLoop,
	tanhSlopeLoop,
	sigmoidLoop,
	sigmoidSlopeLoop,
	stepLoop,
	geluSlopeLoop,
	geluTanhSlopeLoop,
	siluSlopeLoop,
	eluSlopeLoop,
	identityLoop,
	squareLoop,
	cubeLoop,
	reciprocalLoop,
	halfPowerLoop,
	minusHalfPowerLoop,
	sineLoop,
	cosineLoop,
];

@unmanaged
class UnaryGradientArguments {
	code!: i32;
	length!: i32;
	x!: usize;
	dy!: usize;
	dx!: usize;
	factor!: f32;
	/** Of `SlopeCode.power`. */
	exponent!: f64;
}

/** Items are blocks of `Elementwise.block` elements. */
export function unaryGradient(args: usize, first: i32, last: i32): void {
	const a = changetype<UnaryGradientArguments>(args);
	const start = first * Elementwise.block;
	const count = min(last * Elementwise.block, a.length) - start;
	const x = a.x + ((<usize>start) << 2);
	const dy = a.dy + ((<usize>start) << 2);
	const dx = a.dx + ((<usize>start) << 2);
	if (a.code == SlopeCode.power) {
		powerBlock(x, dx, count, a.exponent);
		// The power, where it lies now, takes the place of x.
		identityLoop(dx, dy, dx, count, a.factor);
	} else {
		unchecked(LOOPS[a.code])(x, dy, dx, count, a.factor);
	}
}
