// Moves the rows of a tensor that a tile names between memory, [length, width], and scratch, where they are lanes: strips of [width][16].
import { STRIP, STRIP_STRIDE, stripBytes } from "./tile-plan";
import { TileSlots } from "./tile-slots";
import { transposeBlock } from "../math/transpose";
import { scaleAndAdd, scaleVector } from "../math/vectors";

/** Address of the rows of `source` in the order of the slots: in place where they are adjacent, else copied to `copy` [64][width]. */
export function gatherRows(slots: TileSlots, source: usize, width: i32, copy: usize): usize {
	const bytes = (<usize>width) << 2;
	if (slots.adjacent) return source + <usize>slots.low * bytes;
	for (let i = 0; i < slots.count; i++) {
		memory.copy(copy + <usize>i * bytes, source + <usize>slots.position(i) * bytes, bytes);
	}
	return copy;
}

/** strips [width][16] = factor * the rows of `source`. Lanes beyond the count are zeros, up to a whole strip. */
export function loadStrips(slots: TileSlots, source: usize, width: i32, factor: f32, strips: usize, copy: usize): void {
	const bytes = (<usize>width) << 2;
	const rows = gatherRows(slots, source, width, copy);
	for (let lane = 0; lane < slots.count; lane += STRIP) {
		const lanes = min(STRIP, slots.count - lane);
		if (lanes < STRIP) memory.fill(strips, 0, stripBytes(width));
		transposeBlock(lanes, width, rows + <usize>lane * bytes, bytes, strips, STRIP_STRIDE);
		if (factor != 1) scaleVector(width * STRIP, factor, strips, strips);
		strips += stripBytes(width);
	}
}

/** rows [count][width] = the lanes of `strips`. */
function unpackStrips(slots: TileSlots, strips: usize, width: i32, rows: usize): void {
	const bytes = (<usize>width) << 2;
	for (let lane = 0; lane < slots.count; lane += STRIP) {
		const lanes = min(STRIP, slots.count - lane);
		transposeBlock(width, lanes, strips, STRIP_STRIDE, rows + <usize>lane * bytes, bytes);
		strips += stripBytes(width);
	}
}

/** Overwrites the rows of `target` with the lanes of `strips`; no position may occur twice. */
export function storeStrips(slots: TileSlots, strips: usize, width: i32, target: usize, copy: usize): void {
	const bytes = (<usize>width) << 2;
	if (slots.adjacent) return unpackStrips(slots, strips, width, target + <usize>slots.low * bytes);
	unpackStrips(slots, strips, width, copy);
	for (let i = 0; i < slots.count; i++) {
		memory.copy(target + <usize>slots.position(i) * bytes, copy + <usize>i * bytes, bytes);
	}
}

/** Adds `rows` [count][width] to the rows of `target`, one after the other, so that a position may occur in several slots. */
export function addToRows(slots: TileSlots, rows: usize, width: i32, target: usize): void {
	const bytes = (<usize>width) << 2;
	for (let i = 0; i < slots.count; i++) {
		const row = target + <usize>slots.position(i) * bytes;
		scaleAndAdd(width, 1, rows, row, row);
		rows += bytes;
	}
}

/** Adds the lanes of `strips` to the rows of `target`, which may occur in several slots. */
export function addStrips(slots: TileSlots, strips: usize, width: i32, target: usize, copy: usize): void {
	unpackStrips(slots, strips, width, copy);
	addToRows(slots, copy, width, target);
}
