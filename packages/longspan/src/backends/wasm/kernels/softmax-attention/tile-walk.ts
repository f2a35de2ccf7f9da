import { bitmapAt, firstRun, Plan, Rule, ruleOf, runAt, STRIP } from "./tile-plan";
import { lanesOf, loadSlots, TileSlots } from "./tile-slots";
import { findVisible, hidePairs, VisibleColumns } from "./tile-visibility";

/**
 * Walks over the scores that one row tile needs, block by block: a block is a strip of lanes (rows of the plan) by those columns of a
 * column tile that some lane sees, as far as bounds tell. Blocks that nobody sees are skipped.
 */
@unmanaged
export class TileWalk {
	plans: usize;
	plan: Plan;
	/** Slots of the row tile, loaded by the caller, and of the current column tile. */
	rows: TileSlots;
	columns: TileSlots;
	/** Column positions of the plan (0: identity), how many there are, and their mask (0: none). */
	columnList: usize;
	columnLength: i32;
	columnMask: usize;

	run: i32;
	endRun: i32;
	/** Next tile of the run, first lane of the next strip, and whether the tile has given a block already. */
	tile: i32;
	nextLane: i32;
	used: i32;

	/** The current block. */
	rule: Rule;
	bitmap: usize;
	lane: i32;
	lanes: i32;
	visible: VisibleColumns;
	/** 1 for the first block of a column tile. */
	isFresh: i32;

	/** Column tiles that gave a block and pairs of slots in blocks so far, for the counters. */
	tiles: i64;
	pairs: i64;
}

/** Makes a walk with counters 0 out of the memory given for it and its parts. */
export function createWalk(walk: usize, visible: usize, rows: usize, columns: usize): TileWalk {
	const created = changetype<TileWalk>(walk);
	created.visible = changetype<VisibleColumns>(visible);
	created.rows = changetype<TileSlots>(rows);
	created.columns = changetype<TileSlots>(columns);
	created.tiles = 0;
	created.pairs = 0;
	return created;
}

export function startWalk(walk: TileWalk, rowTile: i32): void {
	walk.run = firstRun(walk.plans, walk.plan, rowTile);
	walk.endRun = firstRun(walk.plans, walk.plan, rowTile + 1);
	walk.tile = 0;
	walk.nextLane = lanesOf(walk.rows.count);
}

/** Moves on to the next block; false if there is none. */
export function nextBlock(walk: TileWalk): bool {
	const allLanes = lanesOf(walk.rows.count);
	for (;;) {
		if (walk.nextLane >= allLanes) {
			if (!nextTile(walk)) return false;
			walk.nextLane = 0;
		}
		walk.lane = walk.nextLane;
		walk.lanes = min(STRIP, allLanes - walk.lane);
		walk.nextLane += STRIP;
		const visible = walk.visible;
		findVisible(visible, walk.rule, walk.rows, walk.lane, walk.lanes, walk.columns);
		if (visible.first >= visible.last) continue;
		walk.isFresh = 1 - walk.used;
		walk.used = 1;
		walk.tiles += walk.isFresh;
		walk.pairs += <i64>(walk.lanes * (visible.last - visible.first));
		return true;
	}
}

/** Loads the next column tile with a visible column; false if there is none. */
function nextTile(walk: TileWalk): bool {
	for (; walk.run < walk.endRun; walk.run++, walk.tile = 0) {
		const run = runAt(walk.plans, walk.plan, walk.run);
		while (walk.tile < run.tiles) {
			const index = walk.tile++;
			loadSlots(walk.columns, walk.columnList, run.firstTile + index, walk.columnLength, walk.columnMask);
			if (walk.columns.count == 0) continue;
			walk.rule = ruleOf(walk.plans, walk.plan, run);
			walk.bitmap = bitmapAt(walk.plans, walk.rule, index);
			walk.used = 0;
			return true;
		}
	}
	return false;
}

/** Sets the scores [columns][16 lanes] of the current block that its rule hides to -Infinity. */
export function hideBlock(walk: TileWalk, scores: usize): void {
	const visible = walk.visible;
	if (!visible.partial) return;
	hidePairs(
		walk.rule,
		walk.bitmap,
		walk.rows,
		walk.lane,
		walk.lanes,
		walk.columns,
		visible.first,
		visible.last,
		scores,
	);
}
