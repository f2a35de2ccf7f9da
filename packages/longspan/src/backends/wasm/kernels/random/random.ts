import { log4 } from "../math/exponential";
import { PhiloxStream, philoxBlocks } from "../math/philox";
import { RandomCode } from "./random-code";
import { scratch } from "../runtime/scratch";
import { choose, constant4, loadLanes, madd, one4, storeLanes } from "../math/simd";
import { Elementwise } from "../elementwise/unary-code";

/** 2^-24, -2. */
const SCALES: usize = memory.data<f32>([5.9604645e-8, -2]);
/** 4 and 1/4, then coefficients of sin(2 pi r) / r and of cos(2 pi r) in r², for |r| <= 1/8. */
const WAVE: usize = memory.data<f32>([
	4, 0.25, -76.774956, 81.625626, -41.341866, 6.2831855, 58.62106, -85.42452, 64.93915, -19.739208,
]);
const ONES: usize = memory.data<i32>([1]);

@unmanaged
class RandomArguments {
	out!: usize;
	length!: i32;
	code!: i32;
}

/** The upper 24 bits as a number in [0, 1). */
// @ts-ignore: decorator
@inline
function uniform4(words: v128): v128 {
	return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(words, 8)), constant4(SCALES, 0));
}

/** sqrt(-2 ln(1 - u)). */
// @ts-ignore: decorator
@inline
function normalRadius4(u: v128): v128 {
	return f32x4.sqrt(f32x4.mul(log4(f32x4.sub(one4(), u)), constant4(SCALES, 1)));
}

/** cos (or sin) of 2 pi u for u in [0, 1]: polynomials within an eighth of a turn of the quarter `q` nearest to u. */
// @ts-ignore: decorator
@inline
function wave4(u: v128, sine: bool): v128 {
	const quarter = f32x4.nearest(f32x4.mul(u, constant4(WAVE, 0)));
	const r = f32x4.sub(u, f32x4.mul(quarter, constant4(WAVE, 1)));
	const z = f32x4.mul(r, r);
	let s = madd(constant4(WAVE, 2), z, constant4(WAVE, 3));
	s = madd(s, z, constant4(WAVE, 4));
	s = f32x4.mul(r, madd(s, z, constant4(WAVE, 5)));
	let c = madd(constant4(WAVE, 6), z, constant4(WAVE, 7));
	c = madd(c, z, constant4(WAVE, 8));
	c = madd(c, z, constant4(WAVE, 9));
	c = madd(c, z, one4());
	// Quarters 0 to 4: cos is c, -s, -c, s, c; sin is that of one quarter earlier.
	const nearest = i32x4.trunc_sat_f32x4_s(quarter);
	const q = sine ? i32x4.sub(nearest, constant4(ONES, 0)) : nearest;
	const odd = i32x4.shl(q, 31);
	const value = choose(i32x4.shr_s(odd, 31), s, c);
	const negative = i32x4.shl(i32x4.shr_u(i32x4.add(q, constant4(ONES, 0)), 1), 31);
	return v128.xor(value, negative);
}

/** Element e of block b is in lane b of vector e; the output has the elements of a block side by side. */
// @ts-ignore: decorator
@inline
function storeBlocks(e0: v128, e1: v128, e2: v128, e3: v128, out: usize, count: i32): void {
	const low01 = v128.shuffle<i32>(e0, e1, 0, 4, 1, 5);
	const high01 = v128.shuffle<i32>(e0, e1, 2, 6, 3, 7);
	const low23 = v128.shuffle<i32>(e2, e3, 0, 4, 1, 5);
	const high23 = v128.shuffle<i32>(e2, e3, 2, 6, 3, 7);
	storeLanes(out, v128.shuffle<i64>(low01, low23, 0, 2), min(4, count));
	if (count > 4) storeLanes(out + 16, v128.shuffle<i64>(low01, low23, 1, 3), min(4, count - 4));
	if (count > 8) storeLanes(out + 32, v128.shuffle<i64>(high01, high23, 0, 2), min(4, count - 8));
	if (count > 12) storeLanes(out + 48, v128.shuffle<i64>(high01, high23, 1, 3), min(4, count - 12));
}

/** Writes up to 16 numbers from the words of four blocks. */
// @ts-ignore: decorator
@inline
function drawBlocks(code: i32, words: usize, out: usize, count: i32): void {
	const u0 = uniform4(v128.load(words));
	const u1 = uniform4(v128.load(words, 16));
	const u2 = uniform4(v128.load(words, 32));
	const u3 = uniform4(v128.load(words, 48));
	if (code == RandomCode.uniform) {
		storeBlocks(u0, u1, u2, u3, out, count);
	} else {
		const r0 = normalRadius4(u0);
		const r1 = normalRadius4(u2);
		const e0 = f32x4.mul(r0, wave4(u1, false));
		const e1 = f32x4.mul(r0, wave4(u1, true));
		const e2 = f32x4.mul(r1, wave4(u3, false));
		const e3 = f32x4.mul(r1, wave4(u3, true));
		storeBlocks(e0, e1, e2, e3, out, count);
	}
}

/** The stream follows the arguments. Items are blocks of `Elementwise.block` elements. */
export function random(args: usize, first: i32, last: i32): void {
	const a = changetype<RandomArguments>(args);
	const stream = changetype<PhiloxStream>(args + offsetof<RandomArguments>());
	const words = scratch();
	const end = min(last * Elementwise.block, a.length);
	for (let i = first * Elementwise.block; i < end; i += 16) {
		const second = i & 16;
		if (second == 0) philoxBlocks(stream, i >> 2, words);
		drawBlocks(a.code, words + ((<usize>second) << 2), a.out + ((<usize>i) << 2), end - i);
	}
}

@unmanaged
class DropoutArguments {
	x!: usize;
	out!: usize;
	length!: i32;
	/** The upper 24 bits of a word must reach it. */
	threshold!: i32;
	/** 1 / (1 - rate). */
	scale!: f32;
}

/** All ones where a word is kept. */
// @ts-ignore: decorator
@inline
function keeps(words: usize, threshold: v128): v128 {
	return i32x4.ge_s(i32x4.shr_u(v128.load(words), 8), threshold);
}

/** The stream follows the arguments. Items are blocks of `Elementwise.block` elements. */
export function dropout(args: usize, first: i32, last: i32): void {
	const a = changetype<DropoutArguments>(args);
	const stream = changetype<PhiloxStream>(args + offsetof<DropoutArguments>());
	const words = scratch();
	const scale = f32x4.splat(a.scale);
	const threshold = i32x4.splat(a.threshold);
	const end = min(last * Elementwise.block, a.length);
	for (let i = first * Elementwise.block; i < end; i += 16) {
		const second = i & 16;
		const own = words + ((<usize>second) << 2);
		if (second == 0) philoxBlocks(stream, i >> 2, words);
		storeBlocks(keeps(own, threshold), keeps(own + 16, threshold), keeps(own + 32, threshold), keeps(own + 48, threshold), own, 16);
		const at = (<usize>i) << 2;
		const count = min(16, end - i);
		for (let j = 0; j < count; j += 4) {
			const offset = (<usize>j) << 2;
			const lanes = min(4, count - j);
			const x = loadLanes(a.x + at + offset, lanes);
			storeLanes(a.out + at + offset, v128.and(v128.load(own + offset), f32x4.mul(x, scale)), lanes);
		}
	}
}
