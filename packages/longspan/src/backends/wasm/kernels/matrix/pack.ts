import { TILE_COLUMNS } from "./block";
import { transposeBlock } from "../math/transpose";
import { copyVector } from "../math/vectors";

// Blocks of matrices brought into the order in which the register tiles read them. Strides are in bytes.

/** Bytes between the rows of a packed panel. */
export const PANEL_STRIDE: usize = <usize>TILE_COLUMNS << 2;

/** Copies the rows of a block. */
export function copyRows(rows: i32, columns: i32, source: usize, sourceStride: usize, target: usize, targetStride: usize): void {
	for (let row = 0; row < rows; row++) {
		copyVector(columns, source, target);
		source += sourceStride;
		target += targetStride;
	}
}

/** One row of a panel, `TILE_COLUMNS` floats. */
// @ts-ignore: decorator
@inline
function copyPanelRow(source: usize, target: usize): void {
	v128.store(target, v128.load(source));
	v128.store(target, v128.load(source, 16), 16);
	if (TILE_COLUMNS > 8) {
		v128.store(target, v128.load(source, 32), 32);
		v128.store(target, v128.load(source, 48), 48);
	}
}

/**
 * Packs a [depth x columns] block: panels of `TILE_COLUMNS` columns one after another, in each panel row after row. The last panel may
 * have fewer columns and then has gaps that are never written.
 */
export function packPanels(depth: i32, columns: i32, source: usize, sourceStride: usize, target: usize): void {
	const panelBytes = <usize>depth * PANEL_STRIDE;
	// Few rows at a time: they are read to their ends, and what is written stays near.
	for (let t = 0; t < depth; t += 4) {
		const rows = min(4, depth - t);
		let from = source + <usize>t * sourceStride;
		let to = target + <usize>t * PANEL_STRIDE;
		let column = columns;
		for (; column >= TILE_COLUMNS; column -= TILE_COLUMNS) {
			for (let r: usize = 0; r < <usize>rows; r++) copyPanelRow(from + r * sourceStride, to + r * PANEL_STRIDE);
			from += PANEL_STRIDE;
			to += panelBytes;
		}
		if (column > 0) copyRows(rows, column, from, sourceStride, to, PANEL_STRIDE);
	}
}

/** Packs the transpose of a [columns x depth] block in the same order. */
export function packTransposed(depth: i32, columns: i32, source: usize, sourceStride: usize, target: usize): void {
	for (let column = 0; column < columns; column += TILE_COLUMNS) {
		transposeBlock(min(TILE_COLUMNS, columns - column), depth, source, sourceStride, target, PANEL_STRIDE);
		source += <usize>TILE_COLUMNS * sourceStride;
		target += <usize>depth * PANEL_STRIDE;
	}
}
