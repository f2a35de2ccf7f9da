import { loadStrided, RowLayout, RowOperand } from "./row-operand";
import { choose, storeLanes } from "../math/simd";

// @ts-ignore: decorator
@inline
function select4(condition: v128, a: v128, b: v128): v128 {
	return choose(i32x4.eq(condition, i32x4.splat(0)), b, a);
}

function contiguousRow(condition: usize, a: usize, b: usize, out: usize, count: i32): void {
	for (; count >= 4; count -= 4) {
		v128.store(out, select4(v128.load(condition), v128.load(a), v128.load(b)));
		condition += 16;
		a += 16;
		b += 16;
		out += 16;
	}
	for (; count > 0; count--) {
		store<f32>(out, load<i32>(condition) != 0 ? load<f32>(a) : load<f32>(b));
		condition += 4;
		a += 4;
		b += 4;
		out += 4;
	}
}

/** Up to four elements of an operand with any stride in bytes; contiguous ones at once. */
// @ts-ignore: decorator
@inline
function lanesOf(address: usize, stride: usize, count: i32): v128 {
	return stride == 4 && count == 4 ? v128.load(address) : loadStrided(address, stride, count);
}

function stridedRow(condition: usize, cStride: usize, a: usize, aStride: usize, b: usize, bStride: usize, out: usize, count: i32): void {
	for (; count > 0; count -= 4) {
		const lanes = min(4, count);
		const value = select4(lanesOf(condition, cStride, lanes), lanesOf(a, aStride, lanes), lanesOf(b, bStride, lanes));
		storeLanes(out, value, lanes);
		condition += 4 * cStride;
		a += 4 * aStride;
		b += 4 * bStride;
		out += 16;
	}
}

/** out = condition ? a : b. The layout follows the address of `out`; its operands are condition, a and b. */
export function select(args: usize, first: i32, last: i32): void {
	const out = load<usize>(args);
	const layout = changetype<RowLayout>(args + sizeof<usize>());
	const condition = RowOperand.of(layout, 0);
	const a = RowOperand.of(layout, 1);
	const b = RowOperand.of(layout, 2);
	const contiguous = condition.innerStride == 1 && a.innerStride == 1 && b.innerStride == 1;
	const cBytes = (<usize>condition.innerStride) << 2;
	const aBytes = (<usize>a.innerStride) << 2;
	const bBytes = (<usize>b.innerStride) << 2;
	for (let item = first; item < last; ) {
		const count = layout.lengthOf(item);
		let rows = layout.runLength(item, last);
		let conditionRow = condition.address(layout, item);
		let aRow = a.address(layout, item);
		let bRow = b.address(layout, item);
		let outRow = out + (((<usize>(item / layout.segments)) * <usize>layout.inner + <usize>layout.startOf(item)) << 2);
		item += rows;
		for (; rows > 0; rows--) {
			if (contiguous) contiguousRow(conditionRow, aRow, bRow, outRow, count);
			else stridedRow(conditionRow, cBytes, aRow, aBytes, bRow, bBytes, outRow, count);
			conditionRow += condition.rowBytes;
			aRow += a.rowBytes;
			bRow += b.rowBytes;
			outRow += (<usize>layout.inner) << 2;
		}
	}
}
