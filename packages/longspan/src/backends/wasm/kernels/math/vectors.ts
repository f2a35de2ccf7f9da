import { loadLanes, loadPart, madd, storeLanes, storePart, sumLanes } from "./simd";

// Operations on contiguous vectors of floats and on the rows of small blocks. Row strides are in bytes.

/** base + offset in bytes, or null if the base is. */
// @ts-ignore: decorator
@inline
export function offsetOrNull(base: usize, offset: usize): usize {
	return base == 0 ? base : base + offset;
}

/** x·y */
export function dot(count: i32, x: usize, y: usize): f32 {
	let sum0 = f32x4.splat(0);
	let sum1 = sum0;
	for (; count >= 8; count -= 8) {
		sum0 = madd(v128.load(x), v128.load(y), sum0);
		sum1 = madd(v128.load(x, 16), v128.load(y, 16), sum1);
		x += 32;
		y += 32;
	}
	if (count >= 4) {
		sum0 = madd(v128.load(x), v128.load(y), sum0);
		x += 16;
		y += 16;
		count -= 4;
	}
	if (count > 0) sum1 = madd(loadPart(x, count), loadPart(y, count), sum1);
	return sumLanes(f32x4.add(sum0, sum1));
}

export function copyVector(count: i32, source: usize, target: usize): void {
	memory.copy(target, source, <usize>count << 2);
}

/** target = factor * source; the two may be the same. */
export function scaleVector(count: i32, factor: f32, source: usize, target: usize): void {
	const f = f32x4.splat(factor);
	for (; count >= 8; count -= 8) {
		const low = f32x4.mul(f, v128.load(source));
		const high = f32x4.mul(f, v128.load(source, 16));
		v128.store(target, low);
		v128.store(target, high, 16);
		source += 32;
		target += 32;
	}
	if (count >= 4) {
		v128.store(target, f32x4.mul(f, v128.load(source)));
		source += 16;
		target += 16;
		count -= 4;
	}
	if (count > 0) storePart(target, f32x4.mul(f, loadPart(source, count)), count);
}

/** target = factor * x + y; the target may be x or y. */
export function scaleAndAdd(count: i32, factor: f32, x: usize, y: usize, target: usize): void {
	const f = f32x4.splat(factor);
	for (; count >= 8; count -= 8) {
		const low = madd(f, v128.load(x), v128.load(y));
		const high = madd(f, v128.load(x, 16), v128.load(y, 16));
		v128.store(target, low);
		v128.store(target, high, 16);
		x += 32;
		y += 32;
		target += 32;
	}
	if (count >= 4) {
		v128.store(target, madd(f, v128.load(x), v128.load(y)));
		x += 16;
		y += 16;
		target += 16;
		count -= 4;
	}
	if (count > 0) storePart(target, madd(f, loadPart(x, count), loadPart(y, count)), count);
}

/** Multiplies each row by its factor. */
export function scaleRows(
	rows: i32,
	columns: i32,
	factors: usize,
	source: usize,
	sourceStride: usize,
	target: usize,
	targetStride: usize,
): void {
	for (let row = 0; row < rows; row++) {
		scaleVector(columns, load<f32>(factors + (<usize>row << 2)), source, target);
		source += sourceStride;
		target += targetStride;
	}
}

/**
 * target += the sum of the rows, each times its factor (null `factors` stand for ones). The rows are summed before the target is
 * touched, which may be much larger.
 */
export function addRows(
	rows: i32,
	columns: i32,
	factors: usize,
	factorStride: usize,
	source: usize,
	sourceStride: usize,
	target: usize,
): void {
	for (let column = 0; column < columns; column += 4) {
		const lanes = min(4, columns - column);
		let sum = f32x4.splat(0);
		let from = source + (<usize>column << 2);
		let factor = factors;
		for (let row = 0; row < rows; row++) {
			const x = loadLanes(from, lanes);
			sum = factors == 0 ? f32x4.add(sum, x) : madd(v128.load32_splat(factor), x, sum);
			from += sourceStride;
			factor += factorStride;
		}
		const to = target + (<usize>column << 2);
		storeLanes(to, f32x4.add(loadLanes(to, lanes), sum), lanes);
	}
}
