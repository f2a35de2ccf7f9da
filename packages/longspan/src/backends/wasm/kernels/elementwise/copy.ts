import { CopyMode } from "./copy-mode";
import { fillVector } from "./fill";
import { RowLayout, RowOperand } from "./row-operand";
import { loadPart, storePart } from "../math/simd";
import { transposeBlock } from "../math/transpose";

/** Calls out of the module cost more than a short row. */
const LONG_ROW = 256;

function copyRow(count: i32, source: usize, target: usize): void {
	if (count > LONG_ROW) {
		memory.copy(target, source, (<usize>count) << 2);
		return;
	}
	for (; count >= 8; count -= 8) {
		const first = v128.load(source);
		const second = v128.load(source, 16);
		v128.store(target, first);
		v128.store(target, second, 16);
		source += 32;
		target += 32;
	}
	if (count >= 4) {
		v128.store(target, v128.load(source));
		source += 16;
		target += 16;
		count -= 4;
	}
	if (count > 0) storePart(target, loadPart(source, count), count);
}

function copyStrided(count: i32, source: usize, sourceStride: i32, target: usize, targetStride: i32): void {
	const sourceBytes = (<usize>sourceStride) << 2;
	const targetBytes = (<usize>targetStride) << 2;
	for (; count > 0; count--) {
		store<i32>(target, load<i32>(source));
		source += sourceBytes;
		target += targetBytes;
	}
}

/** Part by part, so that the cache lines in use stay in the cache. */
function transposeTile(rows: i32, columns: i32, source: usize, sourceBytes: usize, target: usize, targetBytes: usize): void {
	for (let row = 0; row < rows; row += CopyMode.partRows) {
		for (let column = 0; column < columns; column += CopyMode.partColumns) {
			transposeBlock(
				min<i32>(CopyMode.partColumns, columns - column),
				min<i32>(CopyMode.partRows, rows - row),
				source + ((<usize>row) << 2) + <usize>column * sourceBytes,
				sourceBytes,
				target + ((<usize>column) << 2) + <usize>row * targetBytes,
				targetBytes,
			);
		}
	}
}

function copyTiles(layout: RowLayout, first: i32, last: i32): void {
	const source = RowOperand.of(layout, 0);
	const target = RowOperand.of(layout, 1);
	const rowTiles = (layout.rows + CopyMode.tile - 1) / CopyMode.tile;
	const columnTiles = (layout.inner + CopyMode.tile - 1) / CopyMode.tile;
	for (let item = first; item < last; item++) {
		const outer = item / (rowTiles * columnTiles);
		const tile = item - outer * rowTiles * columnTiles;
		const row = (tile / columnTiles) * CopyMode.tile;
		const column = (tile % columnTiles) * CopyMode.tile;
		const from = source.outerAddress(layout, outer) + ((<usize>(row + column * source.innerStride)) << 2);
		const to = target.outerAddress(layout, outer) + ((<usize>(row * target.rowStride + column)) << 2);
		const rows = min<i32>(CopyMode.tile, layout.rows - row);
		const columns = min<i32>(CopyMode.tile, layout.inner - column);
		transposeTile(rows, columns, from, (<usize>source.innerStride) << 2, to, target.rowBytes);
	}
}

/** Strided copy of 32-bit elements. The layout follows the mode; its operands are source and target. */
export function copy(args: usize, first: i32, last: i32): void {
	const mode = load<i32>(args);
	const layout = changetype<RowLayout>(args + sizeof<i32>());
	if (mode == CopyMode.transpose) return copyTiles(layout, first, last);
	const source = RowOperand.of(layout, 0);
	const target = RowOperand.of(layout, 1);
	for (let item = first; item < last; ) {
		const count = layout.lengthOf(item);
		let rows = layout.runLength(item, last);
		let from = source.address(layout, item);
		let to = target.address(layout, item);
		item += rows;
		for (; rows > 0; rows--) {
			if (mode == CopyMode.rows) copyRow(count, from, to);
			else if (mode == CopyMode.fill) fillVector(count, load<i32>(from), to);
			else copyStrided(count, from, source.innerStride, to, target.innerStride);
			from += source.rowBytes;
			to += target.rowBytes;
		}
	}
}
