import { elu4, eluPlusOne4, gelu4, geluTanh4, softplus4 } from "../math/activations";
import { sigmoid4, tanh4 } from "../math/elementary";
import { exp4, log4 } from "../math/exponential";
import { halfPower4, powerBlock } from "../math/power";
import { loadLanes, one4, storeLanes } from "../math/simd";
import { cosine4, sine4 } from "../math/trigonometric";
import { Elementwise, UnaryCode } from "./unary-code";

/** `code` is constant wherever this is inlined, so that one branch is left. */
// @ts-ignore: decorator
@inline
function evaluate(code: i32, x: v128, p: v128): v128 {
	if (code == UnaryCode.scale) return f32x4.mul(x, p);
	if (code == UnaryCode.shift) return f32x4.add(x, p);
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
	if (code == UnaryCode.squareRoot) return f32x4.sqrt(x);
	if (code == UnaryCode.identity) return x;
	if (code == UnaryCode.square) return f32x4.mul(x, x);
	if (code == UnaryCode.cube) return f32x4.mul(f32x4.mul(x, x), x);
	if (code == UnaryCode.reciprocal) return f32x4.div(one4(), x);
	if (code == UnaryCode.halfPower) return halfPower4(x);
	if (code == UnaryCode.sine) return sine4(x);
	if (code == UnaryCode.cosine) return cosine4(x);
	return f32x4.div(one4(), halfPower4(x));
}

// @ts-ignore: decorator
@inline
function mapLoop(code: i32, x: usize, out: usize, count: i32, parameter: f32): void {
	const p = f32x4.splat(parameter);
	for (; count >= 8; count -= 8) {
		const first = evaluate(code, v128.load(x), p);
		const second = evaluate(code, v128.load(x, 16), p);
		v128.store(out, first);
		v128.store(out, second, 16);
		x += 32;
		out += 32;
	}
	for (; count > 0; count -= 4) {
		const lanes = min(4, count);
		storeLanes(out, evaluate(code, loadLanes(x, lanes), p), lanes);
		x += 16;
		out += 16;
	}
}

// One function for every operation, called through a table: V8 widens vectors (see the turbo build) in small functions only.

function scaleLoop(x: usize, out: usize, count: i32, p: f32): void {
	mapLoop(UnaryCode.scale, x, out, count, p);
}
function shiftLoop(x: usize, out: usize, count: i32, p: f32): void {
	mapLoop(UnaryCode.shift, x, out, count, p);
}
function expLoop(x: usize, out: usize, count: i32, p: f32): void {
	mapLoop(UnaryCode.exp, x, out, count, p);
}
function logLoop(x: usize, out: usize, count: i32, p: f32): void {
	mapLoop(UnaryCode.log, x, out, count, p);
}
function tanhLoop(x: usize, out: usize, count: i32, p: f32): void {
	mapLoop(UnaryCode.tanh, x, out, count, p);
}
function sigmoidLoop(x: usize, out: usize, count: i32, p: f32): void {
	mapLoop(UnaryCode.sigmoid, x, out, count, p);
}
function reluLoop(x: usize, out: usize, count: i32, p: f32): void {
	mapLoop(UnaryCode.relu, x, out, count, p);
}
function geluLoop(x: usize, out: usize, count: i32, p: f32): void {
	mapLoop(UnaryCode.gelu, x, out, count, p);
}
function geluTanhLoop(x: usize, out: usize, count: i32, p: f32): void {
	mapLoop(UnaryCode.geluTanh, x, out, count, p);
}
function siluLoop(x: usize, out: usize, count: i32, p: f32): void {
	mapLoop(UnaryCode.silu, x, out, count, p);
}
function softplusLoop(x: usize, out: usize, count: i32, p: f32): void {
	mapLoop(UnaryCode.softplus, x, out, count, p);
}
function eluLoop(x: usize, out: usize, count: i32, p: f32): void {
	mapLoop(UnaryCode.elu, x, out, count, p);
}
function eluPlusOneLoop(x: usize, out: usize, count: i32, p: f32): void {
	mapLoop(UnaryCode.eluPlusOne, x, out, count, p);
}
function squareRootLoop(x: usize, out: usize, count: i32, p: f32): void {
	mapLoop(UnaryCode.squareRoot, x, out, count, p);
}
function identityLoop(x: usize, out: usize, count: i32, p: f32): void {
	mapLoop(UnaryCode.identity, x, out, count, p);
}
function squareLoop(x: usize, out: usize, count: i32, p: f32): void {
	mapLoop(UnaryCode.square, x, out, count, p);
}
function cubeLoop(x: usize, out: usize, count: i32, p: f32): void {
	mapLoop(UnaryCode.cube, x, out, count, p);
}
function reciprocalLoop(x: usize, out: usize, count: i32, p: f32): void {
	mapLoop(UnaryCode.reciprocal, x, out, count, p);
}
function halfPowerLoop(x: usize, out: usize, count: i32, p: f32): void {
	mapLoop(UnaryCode.halfPower, x, out, count, p);
}
function minusHalfPowerLoop(x: usize, out: usize, count: i32, p: f32): void {
	mapLoop(UnaryCode.minusHalfPower, x, out, count, p);
}
function sineLoop(x: usize, out: usize, count: i32, p: f32): void {
	mapLoop(UnaryCode.sine, x, out, count, p);
}
function cosineLoop(x: usize, out: usize, count: i32, p: f32): void {
	mapLoop(UnaryCode.cosine, x, out, count, p);
}

/** By `UnaryCode`. */
const LOOPS: StaticArray<(x: usize, out: usize, count: i32, parameter: f32) => void> = [
	scaleLoop,
	shiftLoop,
	expLoop,
	logLoop,
	tanhLoop,
	sigmoidLoop,
	reluLoop,
	geluLoop,
	geluTanhLoop,
	siluLoop,
	softplusLoop,
	eluLoop,
	eluPlusOneLoop,
	squareRootLoop,
	identityLoop,
	squareLoop,
	cubeLoop,
	reciprocalLoop,
	halfPowerLoop,
	minusHalfPowerLoop,
	sineLoop,
	cosineLoop,
];

/** out = f(x) for a `UnaryCode` that takes no parameter; the two may be the same. */
export function mapFloats(code: i32, x: usize, out: usize, count: i32): void {
	unchecked(LOOPS[code])(x, out, count, 0);
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
	if (a.code == UnaryCode.power) powerBlock(x, out, count, a.parameter);
	else unchecked(LOOPS[a.code])(x, out, count, <f32>a.parameter);
}
