import { tile } from "./tile";

/** Rows of the register tile. */
export const TILE_ROWS: i32 = isDefined(TURBO) ? 6 : 5;

/** Columns of the register tile. V8's revectoriser turns the 16 columns of the turbo build into two 256-bit vectors. */
export const TILE_COLUMNS: i32 = isDefined(TURBO) ? 16 : 8;

/** All rows of one column panel of 16, 8, 4 or fewer columns. */
// @ts-ignore: decorator
@inline
function panel(
	vectors: i32,
	lanes: i32,
	rows: i32,
	depth: i32,
	a: usize,
	aRowStride: usize,
	aDepthStride: usize,
	b: usize,
	bDepthStride: usize,
	c: usize,
	cRowStride: usize,
	accumulate: bool,
): void {
	for (; rows >= TILE_ROWS; rows -= TILE_ROWS) {
		tile(TILE_ROWS, vectors, lanes, depth, a, aRowStride, aDepthStride, b, bDepthStride, c, cRowStride, accumulate);
		a += <usize>TILE_ROWS * aRowStride;
		c += <usize>TILE_ROWS * cRowStride;
	}
	if (rows >= 4) {
		tile(4, vectors, lanes, depth, a, aRowStride, aDepthStride, b, bDepthStride, c, cRowStride, accumulate);
		a += 4 * aRowStride;
		c += 4 * cRowStride;
		rows -= 4;
	}
	if (rows >= 2) {
		tile(2, vectors, lanes, depth, a, aRowStride, aDepthStride, b, bDepthStride, c, cRowStride, accumulate);
		a += 2 * aRowStride;
		c += 2 * cRowStride;
		rows -= 2;
	}
	if (rows > 0) tile(1, vectors, lanes, depth, a, aRowStride, aDepthStride, b, bDepthStride, c, cRowStride, accumulate);
}

// Each width is a function of its own: V8 compiles small functions well, and only those does its revectoriser widen.

function panel16(
	rows: i32,
	depth: i32,
	a: usize,
	aRowStride: usize,
	aDepthStride: usize,
	b: usize,
	bDepthStride: usize,
	c: usize,
	cRowStride: usize,
	accumulate: bool,
): void {
	panel(4, 4, rows, depth, a, aRowStride, aDepthStride, b, bDepthStride, c, cRowStride, accumulate);
}

function panel8(
	rows: i32,
	depth: i32,
	a: usize,
	aRowStride: usize,
	aDepthStride: usize,
	b: usize,
	bDepthStride: usize,
	c: usize,
	cRowStride: usize,
	accumulate: bool,
): void {
	panel(2, 4, rows, depth, a, aRowStride, aDepthStride, b, bDepthStride, c, cRowStride, accumulate);
}

function panel4(
	rows: i32,
	depth: i32,
	a: usize,
	aRowStride: usize,
	aDepthStride: usize,
	b: usize,
	bDepthStride: usize,
	c: usize,
	cRowStride: usize,
	accumulate: bool,
): void {
	panel(1, 4, rows, depth, a, aRowStride, aDepthStride, b, bDepthStride, c, cRowStride, accumulate);
}

function panel3(
	rows: i32,
	depth: i32,
	a: usize,
	aRowStride: usize,
	aDepthStride: usize,
	b: usize,
	bDepthStride: usize,
	c: usize,
	cRowStride: usize,
	accumulate: bool,
): void {
	panel(1, 3, rows, depth, a, aRowStride, aDepthStride, b, bDepthStride, c, cRowStride, accumulate);
}

function panel2(
	rows: i32,
	depth: i32,
	a: usize,
	aRowStride: usize,
	aDepthStride: usize,
	b: usize,
	bDepthStride: usize,
	c: usize,
	cRowStride: usize,
	accumulate: bool,
): void {
	panel(1, 2, rows, depth, a, aRowStride, aDepthStride, b, bDepthStride, c, cRowStride, accumulate);
}

function panel1(
	rows: i32,
	depth: i32,
	a: usize,
	aRowStride: usize,
	aDepthStride: usize,
	b: usize,
	bDepthStride: usize,
	c: usize,
	cRowStride: usize,
	accumulate: bool,
): void {
	panel(1, 1, rows, depth, a, aRowStride, aDepthStride, b, bDepthStride, c, cRowStride, accumulate);
}

/**
 * C (+)= A B for a block of any size, meant for blocks that fit the L1 and L2 caches.
 *
 * A [rows x depth] is read one float at a time, so both of its strides are free (a transposed A costs nothing); the floats of a row of
 * B [depth x columns] and of C [rows x columns] are adjacent. All strides are in bytes. Overwrites C, or adds to it if `accumulate`;
 * depth 0 gives zeros. `bDepthStride` must not be 0. Reads nothing outside the three blocks.
 */
export function multiplyBlock(
	rows: i32,
	columns: i32,
	depth: i32,
	a: usize,
	aRowStride: usize,
	aDepthStride: usize,
	b: usize,
	bDepthStride: usize,
	c: usize,
	cRowStride: usize,
	accumulate: bool,
): void {
	if (isDefined(TURBO)) {
		for (; columns >= 16; columns -= 16) {
			panel16(rows, depth, a, aRowStride, aDepthStride, b, bDepthStride, c, cRowStride, accumulate);
			b += 64;
			c += 64;
		}
	}
	for (; columns >= 8; columns -= 8) {
		panel8(rows, depth, a, aRowStride, aDepthStride, b, bDepthStride, c, cRowStride, accumulate);
		b += 32;
		c += 32;
	}
	if (columns >= 4) {
		panel4(rows, depth, a, aRowStride, aDepthStride, b, bDepthStride, c, cRowStride, accumulate);
		b += 16;
		c += 16;
		columns -= 4;
	}
	if (columns == 3) panel3(rows, depth, a, aRowStride, aDepthStride, b, bDepthStride, c, cRowStride, accumulate);
	else if (columns == 2) panel2(rows, depth, a, aRowStride, aDepthStride, b, bDepthStride, c, cRowStride, accumulate);
	else if (columns == 1) panel1(rows, depth, a, aRowStride, aDepthStride, b, bDepthStride, c, cRowStride, accumulate);
}
