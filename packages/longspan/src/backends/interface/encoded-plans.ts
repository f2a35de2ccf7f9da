/** Rows and columns of a tile of scores. */
export const tileSize = 64;

/**
 * Tile plans as one array of int32 words, the form every backend reads. All offsets are in words from the start.
 *
 * ```
 * 0  number of plans P      1  length M of the head map      2  offset of the head map      3  0
 * 4  P plan headers, 8 words each:
 *      0 rowTiles       number of tiles of rows
 *      1 columnTiles    number of tiles of columns
 *      2 rows           offset of rowTiles*64 original row positions (-1 = empty slot), 0 = identity
 *      3 columns        offset of columnTiles*64 original column positions, 0 = identity
 *      4 runStart       offset of rowTiles+1 run indices: row tile t has runs runStart[t] .. runStart[t+1]-1
 *      5 runs           offset of the runs, 3 words each: first column tile, number of tiles, rule index
 *      6 rules          offset of the rules, 8 words each
 *      7 0
 * ```
 * Head map: entry (batch * heads + head) mod M is the index of the plan used.
 *
 * A rule tells which pairs of a tile are visible. With r, c the original positions of row and column and d = c - r:
 * ```
 *      0 flags          1 = FULL: every pair (nothing else is tested), 2 = NOT_SELF: d != 0
 *      1 minOffset      d >= minOffset          (-2^31: no bound)
 *      2 maxOffset      d <= maxOffset          (2^31 - 1: no bound)
 *      3 modulus        d mod modulus == 0      (0 or 1: no test)
 *      4 bitmap         offset of bitmaps, 0 = none: 128 words a tile, two per row, bit c%32 of word c/32 = slot c.
 *                       The i-th tile of a run uses the i-th bitmap.
 *      5 logWeight      float32 bits, added to every score of the tile (0 = +0.0)
 *      6, 7 the same as float64, high word first, for devices that compute in it
 * ```
 * Runs of a row tile may name a column tile more than once: a pair shown by several of them counts several times.
 * Slots that are empty, or with identity order lie at or beyond the length, are never visible.
 */
export interface EncodedPlans {
	readonly words: Int32Array;
}

export const planWords = { header: 4, plan: 8, run: 3, rule: 8, bitmap: 2 * tileSize } as const;
export const ruleFlags = { full: 1, notSelf: 2 } as const;
