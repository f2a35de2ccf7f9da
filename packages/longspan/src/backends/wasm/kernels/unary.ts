import {
	elu4,
	eluPlusOne4,
	eluSlope4,
	gelu4,
	geluSlope4,
	geluTanh4,
	geluTanhSlope4,
	sigmoidSlope4,
	siluSlope4,
	softplus4,
	tanhSlope4,
} from "./activations";
import { sigmoid4, tanh4 } from "./elementary";
import { exp4, log4 } from "./exponential";
import { halfPower4, powerBlock } from "./power";
import { loadLanes, one4, storeLanes } from "./simd";
import { Elementwise, UnaryCode } from "./unary-code";

/** `code` is constant wherever this is inlined, so that one branch is left. */
// @ts-ignore: decorator
@inline
function evaluate(code: i32, x: v128, parameter: v128): v128 {
	if (code == UnaryCode.scale) return f32x4.mul(x, parameter);
	if (code == UnaryCode.shift) return f32x4.add(x, parameter);
	if (code == UnaryCode.exp) return exp4(x);
	if (code == UnaryCode.log) return log4(x);
	if (code == UnaryCode.tanh) return tanh4(x);
	if (code == UnaryCode.sigmoid) return sigmoid4(x);
	// NaN stays NaN.
	if (code == UnaryCode.relu) return f32x4.pmax(x, f32x4.splat(0));
	if (code == UnaryCode.gelu) return gelu4(x);
	if (code == UnaryCode.geluTanh) return geluTanh4(x);
	if (code == UnaryCode.silu) return f32x4.mul(x, sigmoid4(x));
	if (code == UnaryCode.softplus) return softplus4(x);
	if (code == UnaryCode.elu) return elu4(x);
	if (code == UnaryCode.eluPlusOne) return eluPlusOne4(x);
	if (code == UnaryCode.identity) return x;
	if (code == UnaryCode.square) return f32x4.mul(x, x);
	if (code == UnaryCode.cube) return f32x4.mul(f32x4.mul(x, x), x);
	if (code == UnaryCode.reciprocal) return f32x4.div(one4(), x);
	if (code == UnaryCode.squareRoot) return f32x4.sqrt(x);
	if (code == UnaryCode.halfPower) return halfPower4(x);
	if (code == UnaryCode.minusHalfPower) return f32x4.div(one4(), halfPower4(x));
	if (code == UnaryCode.tanhSlope) return tanhSlope4(x);
	if (code == UnaryCode.sigmoidSlope) return sigmoidSlope4(x);
	if (code == UnaryCode.geluSlope) return geluSlope4(x);
	if (code == UnaryCode.geluTanhSlope) return geluTanhSlope4(x);
	if (code == UnaryCode.siluSlope) return siluSlope4(x);
	return eluSlope4(x);
}

/** dy * parameter * f(x). */
// @ts-ignore: decorator
@inline
function evaluateGradient(code: i32, x: v128, dy: v128, parameter: v128): v128 {
	// The derivative of scale is its parameter.
	if (code == UnaryCode.scale) return f32x4.mul(dy, parameter);
	if (code == UnaryCode.step) return v128.and(dy, f32x4.gt(x, f32x4.splat(0)));
	return f32x4.mul(f32x4.mul(dy, parameter), evaluate(code, x, parameter));
}

// @ts-ignore: decorator
@inline
function mapLoop(code: i32, x: usize, out: usize, count: i32, parameter: v128): void {
	let i = 0;
	for (; i + 8 <= count; i += 8) {
		const offset = (<usize>i) << 2;
		const first = evaluate(code, v128.load(x + offset), parameter);
		const second = evaluate(code, v128.load(x + offset, 16), parameter);
		v128.store(out + offset, first);
		v128.store(out + offset, second, 16);
	}
	for (; i < count; i += 4) {
		const offset = (<usize>i) << 2;
		const lanes = min(4, count - i);
		const value = evaluate(code, loadLanes(x + offset, lanes), parameter);
		storeLanes(out + offset, value, lanes);
	}
}

// @ts-ignore: decorator
@inline
function gradientLoop(code: i32, x: usize, dy: usize, dx: usize, count: i32, parameter: v128): void {
	let i = 0;
	for (; i + 8 <= count; i += 8) {
		const offset = (<usize>i) << 2;
		const first = evaluateGradient(code, v128.load(x + offset), v128.load(dy + offset), parameter);
		const second = evaluateGradient(code, v128.load(x + offset, 16), v128.load(dy + offset, 16), parameter);
		v128.store(dx + offset, first);
		v128.store(dx + offset, second, 16);
	}
	for (; i < count; i += 4) {
		const offset = (<usize>i) << 2;
		const lanes = min(4, count - i);
		const xs = loadLanes(x + offset, lanes);
		const dys = loadLanes(dy + offset, lanes);
		const value = evaluateGradient(code, xs, dys, parameter);
		storeLanes(dx + offset, value, lanes);
	}
}

@unmanaged
class UnaryArguments {
	code!: i32;
	length!: i32;
	x!: usize;
	out!: usize;
	parameter!: f64;
}

/** Items are blocks of `Elementwise.block` elements. */
export function unary(args: usize, first: i32, last: i32): void {
	const a = changetype<UnaryArguments>(args);
	const start = first * Elementwise.block;
	const count = min(last * Elementwise.block, a.length) - start;
	const x = a.x + ((<usize>start) << 2);
	const out = a.out + ((<usize>start) << 2);
	const p = f32x4.splat(<f32>a.parameter);
	const code = a.code;
	if (code == UnaryCode.scale) return mapLoop(UnaryCode.scale, x, out, count, p);
	if (code == UnaryCode.shift) return mapLoop(UnaryCode.shift, x, out, count, p);
	if (code == UnaryCode.exp) return mapLoop(UnaryCode.exp, x, out, count, p);
	if (code == UnaryCode.log) return mapLoop(UnaryCode.log, x, out, count, p);
	if (code == UnaryCode.tanh) return mapLoop(UnaryCode.tanh, x, out, count, p);
	if (code == UnaryCode.sigmoid) return mapLoop(UnaryCode.sigmoid, x, out, count, p);
	if (code == UnaryCode.relu) return mapLoop(UnaryCode.relu, x, out, count, p);
	if (code == UnaryCode.gelu) return mapLoop(UnaryCode.gelu, x, out, count, p);
	if (code == UnaryCode.geluTanh) return mapLoop(UnaryCode.geluTanh, x, out, count, p);
	if (code == UnaryCode.silu) return mapLoop(UnaryCode.silu, x, out, count, p);
	if (code == UnaryCode.softplus) return mapLoop(UnaryCode.softplus, x, out, count, p);
	if (code == UnaryCode.elu) return mapLoop(UnaryCode.elu, x, out, count, p);
	if (code == UnaryCode.eluPlusOne) return mapLoop(UnaryCode.eluPlusOne, x, out, count, p);
	if (code == UnaryCode.identity) return mapLoop(UnaryCode.identity, x, out, count, p);
	if (code == UnaryCode.square) return mapLoop(UnaryCode.square, x, out, count, p);
	if (code == UnaryCode.cube) return mapLoop(UnaryCode.cube, x, out, count, p);
	if (code == UnaryCode.reciprocal) return mapLoop(UnaryCode.reciprocal, x, out, count, p);
	if (code == UnaryCode.squareRoot) return mapLoop(UnaryCode.squareRoot, x, out, count, p);
	if (code == UnaryCode.halfPower) return mapLoop(UnaryCode.halfPower, x, out, count, p);
	if (code == UnaryCode.minusHalfPower) return mapLoop(UnaryCode.minusHalfPower, x, out, count, p);
	if (code == UnaryCode.power) return powerBlock(x, out, count, a.parameter);
	unreachable();
}

@unmanaged
class UnaryGradientArguments {
	/** The function f in dx = dy * factor * f(x). */
	code!: i32;
	length!: i32;
	x!: usize;
	dy!: usize;
	dx!: usize;
	factor!: f32;
	/** Of `UnaryCode.power`. */
	exponent!: f64;
}

/** dx = dy * factor * x ^ exponent. */
function powerGradient(a: UnaryGradientArguments, start: i32, count: i32): void {
	const offset = (<usize>start) << 2;
	powerBlock(a.x + offset, a.dx + offset, count, a.exponent);
	const end = start + count;
	for (let i = start; i < end; i += 4) {
		const at = (<usize>i) << 2;
		const lanes = min(4, end - i);
		const dy = loadLanes(a.dy + at, lanes);
		const power = loadLanes(a.dx + at, lanes);
		const value = f32x4.mul(f32x4.mul(dy, f32x4.splat(a.factor)), power);
		storeLanes(a.dx + at, value, lanes);
	}
}

/** Items are blocks of `Elementwise.block` elements. */
export function unaryGradient(args: usize, first: i32, last: i32): void {
	const a = changetype<UnaryGradientArguments>(args);
	const start = first * Elementwise.block;
	const count = min(last * Elementwise.block, a.length) - start;
	const x = a.x + ((<usize>start) << 2);
	const dy = a.dy + ((<usize>start) << 2);
	const dx = a.dx + ((<usize>start) << 2);
	const f = f32x4.splat(a.factor);
	const code = a.code;
	if (code == UnaryCode.scale) return gradientLoop(UnaryCode.scale, x, dy, dx, count, f);
	if (code == UnaryCode.exp) return gradientLoop(UnaryCode.exp, x, dy, dx, count, f);
	if (code == UnaryCode.sigmoid) return gradientLoop(UnaryCode.sigmoid, x, dy, dx, count, f);
	if (code == UnaryCode.identity) return gradientLoop(UnaryCode.identity, x, dy, dx, count, f);
	if (code == UnaryCode.square) return gradientLoop(UnaryCode.square, x, dy, dx, count, f);
	if (code == UnaryCode.cube) return gradientLoop(UnaryCode.cube, x, dy, dx, count, f);
	if (code == UnaryCode.reciprocal) return gradientLoop(UnaryCode.reciprocal, x, dy, dx, count, f);
	if (code == UnaryCode.halfPower) return gradientLoop(UnaryCode.halfPower, x, dy, dx, count, f);
	if (code == UnaryCode.minusHalfPower) return gradientLoop(UnaryCode.minusHalfPower, x, dy, dx, count, f);
	if (code == UnaryCode.power) return powerGradient(a, start, count);
	if (code == UnaryCode.tanhSlope) return gradientLoop(UnaryCode.tanhSlope, x, dy, dx, count, f);
	if (code == UnaryCode.sigmoidSlope) return gradientLoop(UnaryCode.sigmoidSlope, x, dy, dx, count, f);
	if (code == UnaryCode.step) return gradientLoop(UnaryCode.step, x, dy, dx, count, f);
	if (code == UnaryCode.geluSlope) return gradientLoop(UnaryCode.geluSlope, x, dy, dx, count, f);
	if (code == UnaryCode.geluTanhSlope) return gradientLoop(UnaryCode.geluTanhSlope, x, dy, dx, count, f);
	if (code == UnaryCode.siluSlope) return gradientLoop(UnaryCode.siluSlope, x, dy, dx, count, f);
	if (code == UnaryCode.eluSlope) return gradientLoop(UnaryCode.eluSlope, x, dy, dx, count, f);
	unreachable();
}
