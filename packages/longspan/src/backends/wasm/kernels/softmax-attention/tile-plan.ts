// Reads tile plans in the encoding of backends/interface/encoded-plans.ts. Field order is the encoding's.

/** Slots of a tile, of rows and of columns. */
export const TILE: i32 = 64;

/**
 * Rows of a tile become lanes of vectors, in strips of this many: one cache line. A strip of a [dim][64 lanes] matrix is contiguous
 * ([dim][16]), so that the strips at work share the L1 cache evenly with the rows they are multiplied by.
 */
export const STRIP: i32 = 16;

/** Bytes between the rows of a strip. */
export const STRIP_STRIDE: usize = 64;

/** Bytes of a strip with `rows` rows. */
// @ts-ignore: decorator
@inline
export function stripBytes(rows: i32): usize {
	return <usize>rows * STRIP_STRIDE;
}

// @ts-ignore: decorator
@inline const HEADER_WORDS: usize = 4;
// @ts-ignore: decorator
@inline const PLAN_WORDS: usize = 8;
// @ts-ignore: decorator
@inline const RUN_WORDS: usize = 3;
// @ts-ignore: decorator
@inline const RULE_WORDS: usize = 8;
// @ts-ignore: decorator
@inline const BITMAP_WORDS: i32 = 128;
// @ts-ignore: decorator
@inline const FLAG_FULL: i32 = 1;
// @ts-ignore: decorator
@inline const FLAG_NOT_SELF: i32 = 2;

/** Plan header. Offsets are in words from the start of the plans; 0 means identity order for `rows` and `columns`. */
@unmanaged
export class Plan {
	rowTiles: i32;
	columnTiles: i32;
	rows: i32;
	columns: i32;
	runStart: i32;
	runs: i32;
	rules: i32;
}

/** Adjacent column tiles that a row tile sees under one rule. */
@unmanaged
export class Run {
	firstTile: i32;
	tiles: i32;
	rule: i32;
}

/** Which pairs of a tile are visible, by d = column position - row position. */
@unmanaged
export class Rule {
	flags: i32;
	minOffset: i32;
	maxOffset: i32;
	modulus: i32;
	bitmap: i32;
	/** Natural logarithm of how often every pair counts. */
	logWeight: f32;

	// @ts-ignore: decorator
	@inline
	get isFull(): bool {
		return (this.flags & FLAG_FULL) != 0;
	}

	// @ts-ignore: decorator
	@inline
	get hidesSelf(): bool {
		return (this.flags & FLAG_NOT_SELF) != 0;
	}
}

// @ts-ignore: decorator
@inline
function word(plans: usize, offset: i32): usize {
	return plans + ((<usize>offset) << 2);
}

/** The plan of entry batch * heads + head. */
export function planOf(plans: usize, entry: i32): Plan {
	const mapLength = load<i32>(word(plans, 1));
	const map = word(plans, load<i32>(word(plans, 2)));
	const index = load<i32>(map + ((<usize>(entry % mapLength)) << 2));
	return changetype<Plan>(plans + ((HEADER_WORDS + <usize>index * PLAN_WORDS) << 2));
}

/** Index of the first run of a row tile; that of the next tile ends it. */
export function firstRun(plans: usize, plan: Plan, rowTile: i32): i32 {
	return load<i32>(word(plans, plan.runStart + rowTile));
}

export function runAt(plans: usize, plan: Plan, index: i32): Run {
	return changetype<Run>(word(plans, plan.runs) + (<usize>index * RUN_WORDS << 2));
}

export function ruleOf(plans: usize, plan: Plan, run: Run): Rule {
	return changetype<Rule>(word(plans, plan.rules) + (<usize>run.rule * RULE_WORDS << 2));
}

/** Address of a list of positions, or 0 for identity order. */
export function listAt(plans: usize, offset: i32): usize {
	return offset != 0 ? word(plans, offset) : 0;
}

/** Address of the bitmap of the `index`-th tile of a run, or 0 for none. */
export function bitmapAt(plans: usize, rule: Rule, index: i32): usize {
	return rule.bitmap != 0 ? word(plans, rule.bitmap + index * BITMAP_WORDS) : 0;
}

/** Tiles of a row tile, hidden ones included. */
export function tilesOf(plans: usize, plan: Plan, rowTile: i32): i32 {
	let tiles = 0;
	const end = firstRun(plans, plan, rowTile + 1);
	for (let index = firstRun(plans, plan, rowTile); index < end; index++) tiles += runAt(plans, plan, index).tiles;
	return tiles;
}
