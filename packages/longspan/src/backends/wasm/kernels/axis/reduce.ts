import { ReduceWords } from "./reduce-words";
import { maxRow, sumRow } from "./row-sums";
import { scratch } from "../runtime/scratch";
import { loadLanes, storeLanes } from "../math/simd";

/** Rows that are added up in float32 before the sum goes on in float64. */
const ROWS = 16;

@unmanaged
class ReduceArguments {
	x!: usize;
	out!: usize;
	operation!: i32;
	length!: i32;
	inner!: i32;
	/** The axis is cut in `parts` parts of `partLength` (the last may be shorter); out: [outer, parts, inner]. */
	parts!: i32;
	partLength!: i32;
}

/** Sums of up to 512 columns; rows are `stride` bytes apart. */
function sumColumns(x: usize, rows: i32, stride: usize, columns: i32, out: usize): void {
	const totals = scratch();
	for (let row = 0; row < rows; row += ROWS) {
		const count = min(ROWS, rows - row);
		for (let column = 0; column < columns; column += 4) {
			const lanes = min(4, columns - column);
			let at = x + <usize>row * stride + ((<usize>column) << 2);
			let sum = loadLanes(at, lanes);
			for (let i = 1; i < count; i++) {
				at += stride;
				sum = f32x4.add(sum, loadLanes(at, lanes));
			}
			if (rows <= ROWS) {
				storeLanes(out + ((<usize>column) << 2), sum, lanes);
				continue;
			}
			const total = totals + ((<usize>column) << 3);
			let low = f64x2.promote_low_f32x4(sum);
			let high = f64x2.promote_low_f32x4(v128.shuffle<i64>(sum, sum, 1, 1));
			if (row > 0) {
				low = f64x2.add(low, v128.load(total));
				high = f64x2.add(high, v128.load(total, 16));
			}
			v128.store(total, low);
			v128.store(total, high, 16);
			if (row + ROWS >= rows) {
				const result = v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
				storeLanes(out + ((<usize>column) << 2), result, lanes);
			}
		}
	}
}

/** Maxima of up to 512 columns. */
function maxColumns(x: usize, rows: i32, stride: usize, columns: i32, out: usize): void {
	if (rows == 0) {
		for (let column = 0; column < columns; column++) store<f32>(out + ((<usize>column) << 2), -Infinity);
	}
	for (let row = 0; row < rows; row += ROWS) {
		const count = min(ROWS, rows - row);
		for (let column = 0; column < columns; column += 4) {
			const lanes = min(4, columns - column);
			const target = out + ((<usize>column) << 2);
			let at = x + <usize>row * stride + ((<usize>column) << 2);
			let result = loadLanes(at, lanes);
			if (row > 0) result = f32x4.max(result, loadLanes(target, lanes));
			for (let i = 1; i < count; i++) {
				at += stride;
				result = f32x4.max(result, loadLanes(at, lanes));
			}
			storeLanes(target, result, lanes);
		}
	}
}

/** Items are parts of rows, or tiles of 512 columns of a part if the axis is not the last. */
export function reduce(args: usize, first: i32, last: i32): void {
	const a = changetype<ReduceArguments>(args);
	const inner = a.inner;
	const tiles = (inner + ReduceWords.columns - 1) / ReduceWords.columns;
	for (let item = first; item < last; item++) {
		// The part's number among those of all outer indices.
		const part = item / tiles;
		const column = (item - part * tiles) * ReduceWords.columns;
		const outer = part / a.parts;
		const start = (part - outer * a.parts) * a.partLength;
		const rows = min(a.partLength, a.length - start);
		const x = a.x + ((((<usize>outer) * <usize>a.length + <usize>start) * <usize>inner + <usize>column) << 2);
		const out = a.out + (((<usize>part) * <usize>inner + <usize>column) << 2);
		if (inner == 1) {
			store<f32>(out, a.operation == ReduceWords.sum ? <f32>sumRow(rows, x) : maxRow(rows, x));
		} else {
			const columns = min<i32>(ReduceWords.columns, inner - column);
			const stride = (<usize>inner) << 2;
			if (a.operation == ReduceWords.sum) sumColumns(x, rows, stride, columns, out);
			else maxColumns(x, rows, stride, columns, out);
		}
	}
}
