import { laneMask, loadPart, maxLanes, sumLanes } from "../math/simd";

// Sums over a row. Lanes add up 256 elements at most in float32, everything beyond in float64: the relative error of a
// long sum of numbers of one sign stays below 1e-6.

/** Blocks of 16 elements that are added in float32. */
const BLOCKS = 16;

enum Term {
	x,
	/** (x - c)² */
	squaredDifference,
	product,
}

/** `kind` is constant wherever this is inlined. */
// @ts-ignore: decorator
@inline
function term(kind: i32, x: usize, y: usize, offset: usize, c: v128): v128 {
	const value = v128.load(x + offset);
	if (kind == Term.x) return value;
	if (kind == Term.product) return f32x4.mul(value, v128.load(y + offset));
	const difference = f32x4.sub(value, c);
	return f32x4.mul(difference, difference);
}

// @ts-ignore: decorator
@inline
function lastTerm(kind: i32, x: usize, y: usize, c: v128, count: i32): v128 {
	const value = loadPart(x, count);
	if (kind == Term.x) return value;
	if (kind == Term.product) return f32x4.mul(value, loadPart(y, count));
	const difference = f32x4.sub(value, c);
	return v128.and(f32x4.mul(difference, difference), laneMask(count));
}

// @ts-ignore: decorator
@inline
function sumTerms(kind: i32, count: i32, x: usize, y: usize, constant: f32): f64 {
	const c = f32x4.splat(constant);
	let total: f64 = 0;
	while (count >= 16) {
		let blocks = min(count >> 4, BLOCKS);
		count -= blocks << 4;
		let sum0 = f32x4.splat(0);
		let sum1 = sum0;
		let sum2 = sum0;
		let sum3 = sum0;
		for (; blocks > 0; blocks--) {
			sum0 = f32x4.add(sum0, term(kind, x, y, 0, c));
			sum1 = f32x4.add(sum1, term(kind, x, y, 16, c));
			sum2 = f32x4.add(sum2, term(kind, x, y, 32, c));
			sum3 = f32x4.add(sum3, term(kind, x, y, 48, c));
			x += 64;
			y += 64;
		}
		total += <f64>sumLanes(f32x4.add(f32x4.add(sum0, sum1), f32x4.add(sum2, sum3)));
	}
	if (count > 0) {
		let sum = f32x4.splat(0);
		for (; count >= 4; count -= 4) {
			sum = f32x4.add(sum, term(kind, x, y, 0, c));
			x += 16;
			y += 16;
		}
		if (count > 0) sum = f32x4.add(sum, lastTerm(kind, x, y, c, count));
		total += <f64>sumLanes(sum);
	}
	return total;
}

export function sumRow(count: i32, x: usize): f64 {
	return sumTerms(Term.x, count, x, 0, 0);
}

/** Sum of (x - center)². */
export function sumSquaredDifferences(count: i32, x: usize, center: f32): f64 {
	return sumTerms(Term.squaredDifference, count, x, 0, center);
}

/** Sum of x * y. */
export function dotRow(count: i32, x: usize, y: usize): f64 {
	return sumTerms(Term.product, count, x, y, 0);
}

/** `checks` is constant: whether a NaN makes the result NaN. */
// @ts-ignore: decorator
@inline
function largest(checks: bool, count: i32, x: usize): f32 {
	let max0 = f32x4.splat(-Infinity);
	let max1 = max0;
	// Masks: f32x4.max, which propagates NaN, takes several times as long as f32x4.pmax.
	let nan0 = f32x4.splat(0);
	let nan1 = nan0;
	for (; count >= 8; count -= 8) {
		const first = v128.load(x);
		const second = v128.load(x, 16);
		max0 = f32x4.pmax(max0, first);
		max1 = f32x4.pmax(max1, second);
		if (checks) {
			nan0 = v128.or(nan0, f32x4.ne(first, first));
			nan1 = v128.or(nan1, f32x4.ne(second, second));
		}
		x += 32;
	}
	if (checks && v128.any_true(v128.or(nan0, nan1))) return NaN;
	let result = maxLanes(f32x4.pmax(max0, max1));
	for (; count > 0; count--) {
		const value = load<f32>(x);
		if (checks && value != value) return NaN;
		if (value > result) result = value;
		x += 4;
	}
	return result;
}

/** The largest element, NaN if any is NaN, -Infinity of none. */
export function maxRow(count: i32, x: usize): f32 {
	return largest(true, count, x);
}

/** The largest element that is not NaN, -Infinity if there is none. */
export function maxNumber(count: i32, x: usize): f32 {
	return largest(false, count, x);
}
