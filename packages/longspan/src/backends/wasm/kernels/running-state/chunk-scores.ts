import { multiplyBlock } from "../matrix/block";
import { NEGLIGIBLE } from "./chunk-decay";
import { RunningStateSize } from "./running-state-size";
import { sumLanes } from "../math/simd";

// Scores a[i, j] = x_i·y_j of one chunk, for j <= i only, and their products with other rows. Blocks of rows skip the
// columns after their last row. Scores are stored with a fixed stride, of a chunk's length. Within a block the scores after a
// row's position are multiplied as zeros, so that a value that is not finite can reach the rows of its block before it.

// @ts-ignore: decorator
@inline const CHUNK_STRIDE: usize = <usize>RunningStateSize.chunk << 2;
// @ts-ignore: decorator
@inline const BLOCK: i32 = RunningStateSize.block;

/** scores = x yᵀ, where yTransposed is [depth, chunk]. Columns after a row's position are garbage until masked. */
export function causalScores(rows: i32, depth: i32, x: usize, xStride: usize, yTransposed: usize, scores: usize): void {
	for (let first = 0; first < rows; first += BLOCK) {
		const last = min(first + BLOCK, rows);
		const from = x + <usize>first * xStride;
		const to = scores + <usize>first * CHUNK_STRIDE;
		multiplyBlock(last - first, last, depth, from, xStride, 4, yTransposed, CHUNK_STRIDE, to, CHUNK_STRIDE, false);
	}
}

/** out_i (+)= sum over j <= i of scores[i, j] y_j. Strides in bytes. */
export function applyScores(
	rows: i32,
	columns: i32,
	scores: usize,
	y: usize,
	yStride: usize,
	out: usize,
	outStride: usize,
	accumulate: bool,
): void {
	for (let first = 0; first < rows; first += BLOCK) {
		const last = min(first + BLOCK, rows);
		const from = scores + <usize>first * CHUNK_STRIDE;
		const to = out + <usize>first * outStride;
		multiplyBlock(last - first, columns, last, from, CHUNK_STRIDE, 4, y, yStride, to, outStride, accumulate);
	}
}

/** out_j (+)= sum over i >= j of scores[i, j] x_i. Strides in bytes. */
export function applyTransposedScores(
	rows: i32,
	columns: i32,
	scores: usize,
	x: usize,
	xStride: usize,
	out: usize,
	outStride: usize,
	accumulate: bool,
): void {
	for (let first = 0; first < rows; first += BLOCK) {
		const block = min(BLOCK, rows - first);
		const from = scores + <usize>first * (CHUNK_STRIDE + 4);
		const y = x + <usize>first * xStride;
		const to = out + <usize>first * outStride;
		multiplyBlock(block, columns, rows - first, from, 4, CHUNK_STRIDE, y, xStride, to, outStride, accumulate);
	}
}

/** Lanes j..j+3 of a row that are not after position i. */
// @ts-ignore: decorator
@inline
function past(i: i32, j: i32): v128 {
	return i32x4.le_s(i32x4.add(i32x4.splat(j), i32x4(0, 1, 2, 3)), i32x4.splat(i));
}

/** Decays from the keys j..j+3 to position i, from those to position i - 1, and 1 at i itself. */
// @ts-ignore: decorator
@inline
function advanceDecays(decays: usize, step: v128, i: i32, j: i32): v128 {
	const moved = f32x4.mul(v128.load(decays), step);
	const kept = v128.and(moved, f32x4.gt(moved, f32x4.splat(NEGLIGIBLE)));
	const newest = i32x4.eq(i32x4.add(i32x4.splat(j), i32x4(0, 1, 2, 3)), i32x4.splat(i));
	const result = v128.bitselect(f32x4.splat(1), kept, newest);
	v128.store(decays, result);
	return result;
}

/** One row of `maskScores`; returns its sum in four parts. */
// @ts-ignore: decorator
@inline
function maskRow(decayed: bool, shifted: bool, i: i32, last: i32, row: usize, step: v128, decays: usize, shift: v128): v128 {
	let sum = f32x4.splat(0);
	const diagonal = i & ~3;
	for (let j = 0; j <= diagonal; j += 4) {
		let score = v128.load(row);
		if (shifted) score = f32x4.add(score, shift);
		if (decayed) score = f32x4.mul(score, advanceDecays(decays, step, i, j));
		// A product with 0 would keep NaN.
		if (j == diagonal) score = v128.and(score, past(i, j));
		if (decayed || shifted || j == diagonal) v128.store(row, score);
		sum = f32x4.add(sum, score);
		row += 16;
		decays += 16;
	}
	for (let j = diagonal + 4; j < last; j += 4) {
		v128.store(row, f32x4.splat(0));
		row += 16;
	}
	return sum;
}

/**
 * Makes the scores exactly causal: each row gets its shift added, is multiplied by the decays from the keys to its position, and
 * becomes 0 after it. `steps` (the decay of each position) and `shifts` (at a stride in bytes) may be null. `decays` is scratch
 * of a chunk's length. Writes the sums of the rows, unless `sums` is null.
 */
export function maskScores(
	rows: i32,
	scores: usize,
	steps: usize,
	decays: usize,
	shifts: usize,
	shiftStride: usize,
	sums: usize,
): void {
	if (steps != 0) memory.fill(decays, 0, CHUNK_STRIDE);
	for (let i = 0; i < rows; i++) {
		const row = scores + <usize>i * CHUNK_STRIDE;
		const offset = <usize>i << 2;
		const last = min((i / BLOCK + 1) * BLOCK, rows);
		const step = steps == 0 ? f32x4.splat(1) : v128.load32_splat(steps + offset);
		const shift = shifts == 0 ? f32x4.splat(0) : v128.load32_splat(shifts + <usize>i * shiftStride);
		let sum: v128;
		if (steps != 0) sum = maskRow(true, true, i, last, row, step, decays, shift);
		else if (shifts != 0) sum = maskRow(false, true, i, last, row, step, decays, shift);
		else sum = maskRow(false, false, i, last, row, step, decays, shift);
		if (sums != 0) store<f32>(sums + offset, sumLanes(sum));
	}
}
