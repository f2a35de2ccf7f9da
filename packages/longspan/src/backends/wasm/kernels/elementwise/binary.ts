import { BinaryCode } from "./binary-code";
import { loadStrided, RowLayout, RowOperand } from "./row-operand";
import { loadPart, storeLanes, storePart } from "../math/simd";

/** `code` is constant wherever this is inlined. */
// @ts-ignore: decorator
@inline
function combine(code: i32, a: v128, b: v128): v128 {
	if (code == BinaryCode.add) return f32x4.add(a, b);
	if (code == BinaryCode.subtract) return f32x4.sub(a, b);
	if (code == BinaryCode.multiply) return f32x4.mul(a, b);
	return f32x4.div(a, b);
}

/** The next vector of an operand that is contiguous (stride 1) or one repeated element (stride 0, its value in `splat`). */
// @ts-ignore: decorator
@inline
function next(stride: i32, splat: v128, address: usize, offset: usize): v128 {
	return stride == 1 ? v128.load(address + offset) : splat;
}

/** One row with constant strides 0 or 1. */
// @ts-ignore: decorator
@inline
function vectorRow(code: i32, a: usize, aStride: i32, b: usize, bStride: i32, out: usize, count: i32): void {
	const aSplat = aStride == 1 ? f32x4.splat(0) : v128.load32_splat(a);
	const bSplat = bStride == 1 ? f32x4.splat(0) : v128.load32_splat(b);
	let i = 0;
	for (; i + 8 <= count; i += 8) {
		const at = (<usize>i) << 2;
		const first = combine(code, next(aStride, aSplat, a, at), next(bStride, bSplat, b, at));
		const second = combine(code, next(aStride, aSplat, a, at + 16), next(bStride, bSplat, b, at + 16));
		v128.store(out + at, first);
		v128.store(out + at, second, 16);
	}
	if (i + 4 <= count) {
		const at = (<usize>i) << 2;
		v128.store(out + at, combine(code, next(aStride, aSplat, a, at), next(bStride, bSplat, b, at)));
		i += 4;
	}
	const rest = count - i;
	if (rest > 0) {
		const at = (<usize>i) << 2;
		const aLast = aStride == 1 ? loadPart(a + at, rest) : aSplat;
		const bLast = bStride == 1 ? loadPart(b + at, rest) : bSplat;
		storePart(out + at, combine(code, aLast, bLast), rest);
	}
}

// @ts-ignore: decorator
@inline
function stridedRow(code: i32, a: usize, aStride: i32, b: usize, bStride: i32, out: usize, count: i32): void {
	const aBytes = (<usize>aStride) << 2;
	const bBytes = (<usize>bStride) << 2;
	for (let i = 0; i < count; i += 4) {
		const lanes = min(4, count - i);
		const value = combine(code, loadStrided(a + <usize>i * aBytes, aBytes, lanes), loadStrided(b + <usize>i * bBytes, bBytes, lanes));
		storeLanes(out + ((<usize>i) << 2), value, lanes);
	}
}

// @ts-ignore: decorator
@inline
function combineRows(code: i32, layout: RowLayout, out: usize, first: i32, last: i32): void {
	const a = RowOperand.of(layout, 0);
	const b = RowOperand.of(layout, 1);
	const aInner = a.innerStride;
	const bInner = b.innerStride;
	for (let item = first; item < last; ) {
		const count = layout.lengthOf(item);
		let rows = layout.runLength(item, last);
		let aRow = a.address(layout, item);
		let bRow = b.address(layout, item);
		let outRow = out + (((<usize>(item / layout.segments)) * <usize>layout.inner + <usize>layout.startOf(item)) << 2);
		item += rows;
		for (; rows > 0; rows--) {
			if (aInner == 1 && bInner == 1) vectorRow(code, aRow, 1, bRow, 1, outRow, count);
			else if (aInner == 1 && bInner == 0) vectorRow(code, aRow, 1, bRow, 0, outRow, count);
			else if (aInner == 0 && bInner == 1) vectorRow(code, aRow, 0, bRow, 1, outRow, count);
			else stridedRow(code, aRow, aInner, bRow, bInner, outRow, count);
			aRow += a.rowBytes;
			bRow += b.rowBytes;
			outRow += (<usize>layout.inner) << 2;
		}
	}
}

@unmanaged
class BinaryArguments {
	code!: i32;
	out!: usize;
}

/** The layout and its operands a and b follow the arguments. */
export function binary(args: usize, first: i32, last: i32): void {
	const code = changetype<BinaryArguments>(args).code;
	const out = changetype<BinaryArguments>(args).out;
	const layout = changetype<RowLayout>(args + offsetof<BinaryArguments>());
	if (code == BinaryCode.add) combineRows(BinaryCode.add, layout, out, first, last);
	else if (code == BinaryCode.subtract) combineRows(BinaryCode.subtract, layout, out, first, last);
	else if (code == BinaryCode.multiply) combineRows(BinaryCode.multiply, layout, out, first, last);
	else combineRows(BinaryCode.divide, layout, out, first, last);
}
