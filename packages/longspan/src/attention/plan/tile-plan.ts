import { tileSize } from "../../backends/backend.js";

export { tileSize };

/**
 * Which pairs of a tile are visible, tested on the original positions r of the row (query) and c of the column (key),
 * with d = c - r. Absent fields test nothing; the empty rule shows every pair.
 */
export interface TileRule {
	/** d >= minOffset */
	readonly minOffset?: number;
	/** d <= maxOffset */
	readonly maxOffset?: number;
	/** d is a multiple of this. */
	readonly modulus?: number;
	/** d != 0 */
	readonly notSelf?: boolean;
	/** Visible slots: two words per row, bit c % 32 of word c / 32 for column slot c. 128 words for each tile of the run. */
	readonly bitmap?: Uint32Array;
	/** Added to every score of the tile: the logarithm of how many times a pair counts. */
	readonly logWeight?: number;
}

/** Neighbouring column tiles that a row tile sees by one rule. */
export interface TileRun {
	readonly firstTile: number;
	readonly tiles: number;
	/** Index into the plan's rules. */
	readonly rule: number;
}

/**
 * Which keys each query sees, tile by tile: the input of engine 1. Rows are queries and columns keys (in a transposed plan
 * the other way round). Size grows with the number of runs, never with rows times columns.
 */
export interface TilePlan {
	/** Number of queries. */
	readonly rows: number;
	/** Number of keys. */
	readonly columns: number;
	/** Original row of every slot, -1 for an empty slot, a whole number of tiles; null: slot = row. */
	readonly rowOrder: Int32Array | null;
	/** The same for columns. */
	readonly columnOrder: Int32Array | null;
	/** Runs of each row tile. Where they overlap, a pair that several of them show counts several times. */
	readonly runs: readonly (readonly TileRun[])[];
	readonly rules: readonly TileRule[];
}

/** The number of tiles that hold `length` slots. */
export function tilesFor(length: number): number {
	return Math.ceil(length / tileSize);
}

/** The original position of a slot, -1 if it is empty. */
export function positionOf(order: Int32Array | null, length: number, slot: number): number {
	if (order) return order[slot] as number;
	return slot < length ? slot : -1;
}

/** Whether a rule shows the pair of row slot `row` and column slot `column` (within their tiles) at positions r and c. */
export function ruleShows(
	rule: TileRule,
	row: number,
	column: number,
	r: number,
	c: number,
	tileOfRun: number,
): boolean {
	const d = c - r;
	if (rule.minOffset !== undefined && d < rule.minOffset) return false;
	if (rule.maxOffset !== undefined && d > rule.maxOffset) return false;
	if (rule.modulus !== undefined && rule.modulus > 1 && d % rule.modulus !== 0) return false;
	if (rule.notSelf && d === 0) return false;
	if (rule.bitmap) {
		const word = rule.bitmap[tileOfRun * 2 * tileSize + row * 2 + (column >> 5)] as number;
		if (((word >>> (column & 31)) & 1) === 0) return false;
	}
	return true;
}

/** True if the rule shows every pair. */
export function showsAll(rule: TileRule): boolean {
	return (
		rule.minOffset === undefined &&
		rule.maxOffset === undefined &&
		(rule.modulus ?? 1) <= 1 &&
		!rule.notSelf &&
		rule.bitmap === undefined
	);
}
