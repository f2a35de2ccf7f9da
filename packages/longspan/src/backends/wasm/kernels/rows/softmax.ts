import { exp4 } from "../math/exponential";
import { fillVector } from "../elementwise/fill";
import { logSum, maximum, sumRowExponentials } from "../math/log-sum-exp";
import { storeExponentials } from "./row-exponentials";
import { dotRow, maxNumber, maxRow, sumRow } from "../axis/row-sums";
import { loadPart, madd, storePart } from "../math/simd";
import { scaleVector } from "../math/vectors";

@unmanaged
class SoftmaxArguments {
	x!: usize;
	out!: usize;
	columns!: i32;
	logarithm!: i32;
}

function softmaxRow(count: i32, x: usize, out: usize): void {
	const largest = maxNumber(count, x);
	if (largest == -Infinity) {
		// 0 if all are -Infinity, NaN if there is one.
		fillVector(count, reinterpret<i32>(<f32>(maxRow(count, x) == -Infinity ? 0 : NaN)), out);
		return;
	}
	const sum = storeExponentials(count, x, largest, out);
	scaleVector(count, <f32>(1 / sum), out, out);
}

function logSoftmaxRow(count: i32, x: usize, out: usize): void {
	sumRowExponentials(count, x);
	if (maximum == -Infinity) return fillVector(count, reinterpret<i32>(<f32>-Infinity), out);
	const m = f32x4.splat(maximum);
	const s = f32x4.splat(logSum);
	for (; count >= 8; count -= 8) {
		const first = f32x4.sub(f32x4.sub(v128.load(x), m), s);
		const second = f32x4.sub(f32x4.sub(v128.load(x, 16), m), s);
		v128.store(out, first);
		v128.store(out, second, 16);
		x += 32;
		out += 32;
	}
	if (count >= 4) {
		v128.store(out, f32x4.sub(f32x4.sub(v128.load(x), m), s));
		x += 16;
		out += 16;
		count -= 4;
	}
	if (count > 0) storePart(out, f32x4.sub(f32x4.sub(loadPart(x, count), m), s), count);
}

/** Items are rows. */
export function softmax(args: usize, first: i32, last: i32): void {
	const a = changetype<SoftmaxArguments>(args);
	for (let row = first; row < last; row++) {
		const offset = ((<usize>row) * <usize>a.columns) << 2;
		if (a.logarithm != 0) logSoftmaxRow(a.columns, a.x + offset, a.out + offset);
		else softmaxRow(a.columns, a.x + offset, a.out + offset);
	}
}

@unmanaged
class SoftmaxGradientArguments {
	y!: usize;
	dy!: usize;
	dx!: usize;
	columns!: i32;
	logarithm!: i32;
}

/** y (dy - total), or dy - e^y total. */
// @ts-ignore: decorator
@inline
function gradient(logarithm: bool, y: v128, dy: v128, total: v128): v128 {
	if (logarithm) return madd(exp4(y), f32x4.neg(total), dy);
	return f32x4.mul(y, f32x4.sub(dy, total));
}

// @ts-ignore: decorator
@inline
function gradientRow(logarithm: bool, count: i32, y: usize, dy: usize, dx: usize): void {
	const total = f32x4.splat(<f32>(logarithm ? sumRow(count, dy) : dotRow(count, y, dy)));
	for (; count >= 8; count -= 8) {
		const first = gradient(logarithm, v128.load(y), v128.load(dy), total);
		const second = gradient(logarithm, v128.load(y, 16), v128.load(dy, 16), total);
		v128.store(dx, first);
		v128.store(dx, second, 16);
		y += 32;
		dy += 32;
		dx += 32;
	}
	if (count >= 4) {
		v128.store(dx, gradient(logarithm, v128.load(y), v128.load(dy), total));
		y += 16;
		dy += 16;
		dx += 16;
		count -= 4;
	}
	if (count > 0) storePart(dx, gradient(logarithm, loadPart(y, count), loadPart(dy, count), total), count);
}

/** Items are rows. */
export function softmaxGradient(args: usize, first: i32, last: i32): void {
	const a = changetype<SoftmaxGradientArguments>(args);
	for (let row = first; row < last; row++) {
		const offset = ((<usize>row) * <usize>a.columns) << 2;
		if (a.logarithm != 0) gradientRow(true, a.columns, a.y + offset, a.dy + offset, a.dx + offset);
		else gradientRow(false, a.columns, a.y + offset, a.dy + offset, a.dx + offset);
	}
}
