import { RowLayoutWords } from "./row-layout";

/**
 * A loop nest of `rows` rows of `inner` elements inside up to 6 outer axes. Items are segments of a row: a row
 * has more than one only if it is long.
 */
@unmanaged
export class RowLayout {
	rows!: i32;
	inner!: i32;
	/** Segments of a row. */
	segments!: i32;
	outerRank!: i32;
	/** Sizes of the outer axes. */
	size0!: i32;
	size1!: i32;
	size2!: i32;
	size3!: i32;
	size4!: i32;
	size5!: i32;

	/** How many of the items from `item` on lie in the same row segment of consecutive rows: 1 if rows have several segments. */
	@inline
	runLength(item: i32, last: i32): i32 {
		return this.segments > 1 ? 1 : min(this.rows - (item % this.rows), last - item);
	}

	/** First element of the item within its row. */
	@inline
	startOf(item: i32): i32 {
		return (item % this.segments) * RowLayoutWords.segment;
	}

	/** Number of elements of the item. */
	@inline
	lengthOf(item: i32): i32 {
		return min(RowLayoutWords.segment, this.inner - this.startOf(item));
	}
}

/** Where an operand lies. Strides are in elements. */
@unmanaged
export class RowOperand {
	base!: usize;
	rowStride!: i32;
	innerStride!: i32;
	stride0!: i32;
	stride1!: i32;
	stride2!: i32;
	stride3!: i32;
	stride4!: i32;
	stride5!: i32;

	/** The operand number `index` behind a layout. */
	@inline
	static of(layout: RowLayout, index: i32): RowOperand {
		const words = RowLayoutWords.layout + RowLayoutWords.operand * index;
		return changetype<RowOperand>(changetype<usize>(layout) + ((<usize>words) << 2));
	}

	/** Bytes from row to row. */
	@inline
	get rowBytes(): usize {
		return (<usize>this.rowStride) << 2;
	}

	/** Address of the first row of outer index `outer`. */
	outerAddress(layout: RowLayout, outer: i32): usize {
		let offset = 0;
		for (let axis = layout.outerRank - 1; axis >= 0; axis--) {
			const size = load<i32>(changetype<usize>(layout) + ((<usize>axis) << 2), offsetof<RowLayout>("size0"));
			const stride = load<i32>(changetype<usize>(this) + ((<usize>axis) << 2), offsetof<RowOperand>("stride0"));
			offset += (outer % size) * stride;
			outer /= size;
		}
		return this.base + ((<usize>offset) << 2);
	}

	/** Address of the first element of an item. */
	address(layout: RowLayout, item: i32): usize {
		const row = item / layout.segments;
		const outer = row / layout.rows;
		const offset = (row - outer * layout.rows) * this.rowStride + layout.startOf(item) * this.innerStride;
		return this.outerAddress(layout, outer) + ((<usize>offset) << 2);
	}
}

/** Up to 4 elements with a stride in bytes; reads nothing else. Lanes from `count` on are anything. */
// @ts-ignore: decorator
@inline
export function loadStrided(address: usize, stride: usize, count: i32): v128 {
	let a = v128.load32_splat(address);
	if (stride != 0) {
		if (count > 1) a = v128.load_lane<i32>(address + stride, a, 1);
		if (count > 2) a = v128.load_lane<i32>(address + 2 * stride, a, 2);
		if (count > 3) a = v128.load_lane<i32>(address + 3 * stride, a, 3);
	}
	return a;
}
