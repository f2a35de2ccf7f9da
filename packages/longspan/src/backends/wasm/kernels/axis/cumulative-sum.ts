import { ReduceWords } from "./reduce-words";
import { scratch } from "../runtime/scratch";
import { loadLanes, storeLanes } from "../math/simd";

/** Rows that are done at once before the next columns. */
const ROWS = 16;

@unmanaged
class CumulativeSumArguments {
	x!: usize;
	out!: usize;
	length!: i32;
	inner!: i32;
	reverse!: i32;
}

/** Inclusive running sum of four elements after `before`; all in float64. */
// @ts-ignore: decorator
@inline
function scanForwards(x: v128, before: v128, out: usize): v128 {
	const zero = f64x2.splat(0);
	const low = f64x2.promote_low_f32x4(x);
	const high = f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1));
	const lowSums = f64x2.add(low, v128.shuffle<i64>(zero, low, 0, 2));
	const highSums = f64x2.add(high, v128.shuffle<i64>(zero, high, 0, 2));
	const first = f64x2.add(before, lowSums);
	const middle = v128.shuffle<i64>(lowSums, lowSums, 1, 1);
	const second = f64x2.add(before, f64x2.add(middle, highSums));
	v128.store(out, v128.shuffle<i64>(f32x4.demote_f64x2_zero(first), f32x4.demote_f64x2_zero(second), 0, 2));
	return v128.shuffle<i64>(second, second, 1, 1);
}

function scanRow(count: i32, x: usize, out: usize): void {
	let sums = f64x2.splat(0);
	for (; count >= 4; count -= 4) {
		sums = scanForwards(v128.load(x), sums, out);
		x += 16;
		out += 16;
	}
	let sum = f64x2.extract_lane(sums, 0);
	for (; count > 0; count--) {
		sum += <f64>load<f32>(x);
		store<f32>(out, <f32>sum);
		x += 4;
		out += 4;
	}
}

function scanRowBackwards(count: i32, x: usize, out: usize): void {
	let sum: f64 = 0;
	for (let i = count - 1; i >= 0; i--) {
		sum += <f64>load<f32>(x + ((<usize>i) << 2));
		store<f32>(out + ((<usize>i) << 2), <f32>sum);
	}
}

/** Up to 512 columns; `stride` is the step to the next row in bytes, negative (as unsigned) if the scan runs backwards. */
function scanColumns(rows: i32, columns: i32, stride: usize, x: usize, out: usize): void {
	const sums = scratch();
	memory.fill(sums, 0, (<usize>((columns + 3) & ~3)) << 3);
	for (let row = 0; row < rows; row += ROWS) {
		const count = min(ROWS, rows - row);
		for (let column = 0; column < columns; column += 4) {
			const lanes = min(4, columns - column);
			const sum = sums + ((<usize>column) << 3);
			let low = v128.load(sum);
			let high = v128.load(sum, 16);
			let at = <usize>row * stride + ((<usize>column) << 2);
			for (let i = 0; i < count; i++) {
				const value = loadLanes(x + at, lanes);
				low = f64x2.add(low, f64x2.promote_low_f32x4(value));
				high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<i64>(value, value, 1, 1)));
				const result = v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
				storeLanes(out + at, result, lanes);
				at += stride;
			}
			v128.store(sum, low);
			v128.store(sum, high, 16);
		}
	}
}

/** Items are rows, or tiles of columns if the axis is not the last. */
export function cumulativeSum(args: usize, first: i32, last: i32): void {
	const a = changetype<CumulativeSumArguments>(args);
	const inner = a.inner;
	const tiles = (inner + ReduceWords.columns - 1) / ReduceWords.columns;
	const rowBytes = (<usize>inner) << 2;
	for (let item = first; item < last; item++) {
		const outer = item / tiles;
		const column = (item - outer * tiles) * ReduceWords.columns;
		const offset = ((<usize>outer) * <usize>a.length * <usize>inner + <usize>column) << 2;
		const x = a.x + offset;
		const out = a.out + offset;
		if (inner == 1) {
			if (a.reverse != 0) scanRowBackwards(a.length, x, out);
			else scanRow(a.length, x, out);
		} else {
			const columns = min<i32>(ReduceWords.columns, inner - column);
			const end = <usize>(a.length - 1) * rowBytes;
			if (a.reverse != 0) scanColumns(a.length, columns, 0 - rowBytes, x + end, out + end);
			else scanColumns(a.length, columns, rowBytes, x, out);
		}
	}
}
