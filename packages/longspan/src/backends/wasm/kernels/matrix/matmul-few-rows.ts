import { TILE_COLUMNS } from "./block";
import { finishBlock } from "./finish-block";
import { MatmulArguments } from "./matmul-arguments";
import { MatmulSize } from "./matmul-size";
import { elementShift, firstFour, halfBits, halfPower, loadEight, otherFour } from "./packed-elements";
import { panelAddress } from "./packed-matrix";
import { PackedFormat } from "./packed-format";
import { madd } from "../math/simd";
import { copyVector } from "../math/vectors";
import { scratch } from "../runtime/scratch";

// Few rows leave the matrix to wait for: each element is read once, in the format it is stored in, and becomes a float in a register.
// Eight accumulators hide the latency of the additions: 32 columns of one row, or 8 columns of four. Terms are added in the order of the
// tiles, so that a row gets the same bits in any company.

/** Columns of a unit, two vectors. */
const UNIT: i32 = 8;

/** Bytes of a row of sums. */
const ROW_BYTES: usize = MatmulSize.group * 4;

/** Bytes from the start of a group to unit `unit` of it. */
// @ts-ignore: decorator
@inline
function unitOffset(format: i32, depth: i32, unit: i32): usize {
	const panel = (unit * UNIT) / TILE_COLUMNS;
	const column = (unit * UNIT) % TILE_COLUMNS;
	return <usize>(panel * TILE_COLUMNS * depth + column) << elementShift(format);
}

/** Writes or adds the sums of a unit. */
// @ts-ignore: decorator
@inline
function storeUnit(sums: usize, accumulate: bool, low: v128, high: v128): void {
	if (accumulate) {
		low = f32x4.add(v128.load(sums), low);
		high = f32x4.add(v128.load(sums, 16), high);
	}
	v128.store(sums, low);
	v128.store(sums, high, 16);
}

/** sums[32] (+)= x[depth] times a group. `format` is constant. */
// @ts-ignore: decorator
@inline
function oneRow(format: i32, depth: i32, x: usize, group: usize, sums: usize, accumulate: bool): void {
	const bits = halfBits();
	const power = halfPower();
	const zero = f32x4.splat(0);
	let c0 = zero, c1 = zero, c2 = zero, c3 = zero, c4 = zero, c5 = zero, c6 = zero, c7 = zero;
	let w0 = group;
	let w1 = group + unitOffset(format, depth, 1);
	let w2 = group + unitOffset(format, depth, 2);
	let w3 = group + unitOffset(format, depth, 3);
	const step = <usize>TILE_COLUMNS << elementShift(format);
	for (; depth > 0; depth--) {
		const factor = v128.load32_splat(x);
		x += 4;
		const e0 = loadEight(format, w0);
		c0 = madd(factor, firstFour(format, e0, bits, power), c0);
		c1 = madd(factor, otherFour(format, w0, e0, bits, power), c1);
		const e1 = loadEight(format, w1);
		c2 = madd(factor, firstFour(format, e1, bits, power), c2);
		c3 = madd(factor, otherFour(format, w1, e1, bits, power), c3);
		const e2 = loadEight(format, w2);
		c4 = madd(factor, firstFour(format, e2, bits, power), c4);
		c5 = madd(factor, otherFour(format, w2, e2, bits, power), c5);
		const e3 = loadEight(format, w3);
		c6 = madd(factor, firstFour(format, e3, bits, power), c6);
		c7 = madd(factor, otherFour(format, w3, e3, bits, power), c7);
		w0 += step;
		w1 += step;
		w2 += step;
		w3 += step;
	}
	storeUnit(sums, accumulate, c0, c1);
	storeUnit(sums + 32, accumulate, c2, c3);
	storeUnit(sums + 64, accumulate, c4, c5);
	storeUnit(sums + 96, accumulate, c6, c7);
}

/** Four rows of sums[8], a group apart, (+)= four rows x times a unit. `format` is constant. */
// @ts-ignore: decorator
@inline
function fourRows(
	format: i32,
	depth: i32,
	x0: usize,
	x1: usize,
	x2: usize,
	x3: usize,
	unit: usize,
	sums: usize,
	accumulate: bool,
): void {
	const bits = halfBits();
	const power = halfPower();
	const zero = f32x4.splat(0);
	let c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero;
	const step = <usize>TILE_COLUMNS << elementShift(format);
	for (; depth > 0; depth--) {
		const eight = loadEight(format, unit);
		const low = firstFour(format, eight, bits, power);
		const high = otherFour(format, unit, eight, bits, power);
		unit += step;
		const f0 = v128.load32_splat(x0);
		x0 += 4;
		c00 = madd(f0, low, c00);
		c01 = madd(f0, high, c01);
		const f1 = v128.load32_splat(x1);
		x1 += 4;
		c10 = madd(f1, low, c10);
		c11 = madd(f1, high, c11);
		const f2 = v128.load32_splat(x2);
		x2 += 4;
		c20 = madd(f2, low, c20);
		c21 = madd(f2, high, c21);
		const f3 = v128.load32_splat(x3);
		x3 += 4;
		c30 = madd(f3, low, c30);
		c31 = madd(f3, high, c31);
	}
	storeUnit(sums, accumulate, c00, c01);
	storeUnit(sums + ROW_BYTES, accumulate, c10, c11);
	storeUnit(sums + 2 * ROW_BYTES, accumulate, c20, c21);
	storeUnit(sums + 3 * ROW_BYTES, accumulate, c30, c31);
}

// @ts-ignore: decorator
@inline
function addGroup(format: i32, rows: i32, depth: i32, x: usize, xStride: usize, group: usize, sums: usize, accumulate: bool): void {
	if (rows == 1) return oneRow(format, depth, x, group, sums, accumulate);
	// The last row stands in for those that are missing.
	const x2 = x + (rows > 2 ? 2 * xStride : xStride);
	const x3 = rows > 3 ? x2 + xStride : x2;
	for (let unit = 0; unit < MatmulSize.group / UNIT; unit++) {
		const at = group + unitOffset(format, depth, unit);
		fourRows(format, depth, x, x + xStride, x2, x3, at, sums + <usize>(unit * UNIT * 4), accumulate);
	}
}

// A function for each format: V8 compiles small functions well.

function addFloats(rows: i32, depth: i32, x: usize, xStride: usize, group: usize, sums: usize, accumulate: bool): void {
	addGroup(PackedFormat.float32, rows, depth, x, xStride, group, sums, accumulate);
}

function addHalves(rows: i32, depth: i32, x: usize, xStride: usize, group: usize, sums: usize, accumulate: bool): void {
	addGroup(PackedFormat.float16, rows, depth, x, xStride, group, sums, accumulate);
}

function addBrains(rows: i32, depth: i32, x: usize, xStride: usize, group: usize, sums: usize, accumulate: bool): void {
	addGroup(PackedFormat.bfloat16, rows, depth, x, xStride, group, sums, accumulate);
}

function addBytes(rows: i32, depth: i32, x: usize, xStride: usize, group: usize, sums: usize, accumulate: bool): void {
	addGroup(PackedFormat.int8, rows, depth, x, xStride, group, sums, accumulate);
}

/** One item: up to four rows times the group of columns that starts with `firstColumn`, of which `columns` are wanted. */
export function multiplyFewRows(args: MatmulArguments, firstColumn: i32, columns: i32): void {
	const rows = args.m;
	const xStride = <usize>args.k << 2;
	const sums = scratch() + args.sums;
	for (let t = 0; t < args.k; t += args.depthBlock) {
		const depth = min(args.depthBlock, args.k - t);
		const x = args.a + (<usize>t << 2);
		const group = panelAddress(args.bFormat, args.b, args.padded, t, depth, firstColumn);
		const accumulate = t > 0;
		if (args.bFormat == PackedFormat.float32) addFloats(rows, depth, x, xStride, group, sums, accumulate);
		else if (args.bFormat == PackedFormat.float16) addHalves(rows, depth, x, xStride, group, sums, accumulate);
		else if (args.bFormat == PackedFormat.bfloat16) addBrains(rows, depth, x, xStride, group, sums, accumulate);
		else addBytes(rows, depth, x, xStride, group, sums, accumulate);
	}
	const out = args.out + (<usize>firstColumn << 2);
	for (let row: usize = 0; row < <usize>rows; row++) {
		copyVector(columns, sums + row * ROW_BYTES, out + row * (<usize>args.n << 2));
	}
	finishBlock(args, out, rows, firstColumn, columns);
}
