import { appendTile } from "../plan/append-tile.js";
import { blockPlan } from "../plan/blocks.js";
import { dilatedBandPlan } from "../plan/dilated.js";
import { slotsOf } from "../plan/gather.js";
import { narrowRule, tileReaches } from "../plan/narrow-rule.js";
import { positionOf, ruleShows, type TilePlan, type TileRule, type TileRun, tileSize } from "../plan/tile-plan.js";

/** Which queries a plan is for: all, or only those whose token is not global. */
export type PlanRows = "all" | "local";

/** The pattern of one head. `globals` are ascending positions, each once. */
export interface LongformerPattern {
	readonly window: number;
	readonly causal: boolean;
	readonly dilation: number;
	readonly globals: readonly number[];
}

/**
 * The window beside the global tokens. Slots of the window keep their order but leave out the global tokens, which follow as
 * slots of their own: so no pair is in two places, no tile needs a bitmap, and a global query costs its own row, not its tile's.
 */
export function longformerPlan(
	length: number,
	{ window, causal, dilation, globals }: LongformerPattern,
	rows: PlanRows,
): TilePlan {
	const band = dilatedBandPlan({ length, window, dilation, causal });
	if (globals.length === 0) return band;
	const isGlobal = new Set(globals);
	const around = Int32Array.from({ length: band.runs.length * tileSize }, (_, slot) => {
		const position = positionOf(band.rowOrder, length, slot);
		return isGlobal.has(position) ? -1 : position;
	});
	const listed = slotsOf(globals);
	const columnOrder = new Int32Array(around.length + listed.length);
	columnOrder.set(around);
	columnOrder.set(listed, around.length);
	const rowOrder = rows === "all" ? columnOrder : around;
	const [rowReaches, reaches] = [tileReaches(rowOrder, length), tileReaches(columnOrder, length)];
	const windowTiles = band.runs.length;
	const plan: TilePlan = { rows: length, columns: length, rowOrder, columnOrder, runs: [], rules: band.rules };
	const touched = tilesTouched(band, globals);
	const order: TileRule = causal ? { maxOffset: 0 } : {};
	const rules: TileRule[] = [...band.rules, {}, order];
	const [everything, ordered] = [rules.length - 2, rules.length - 1];
	const runs = rowReaches.map((reach, rowTile) => {
		const list: TileRun[] = [];
		if (reach.high < reach.low) return list;
		const isWindow = rowTile < windowTiles;
		if (isWindow)
			for (const { firstTile, tiles, rule } of band.runs[rowTile] as readonly TileRun[])
				for (let tile = firstTile; tile < firstTile + tiles; tile++)
					if (
						!(touched.has(rowTile) || touched.has(tile)) ||
						showsSome(plan, rowTile, tile, band.rules[rule] as TileRule)
					)
						appendTile(list, tile, rule, rules);
		for (let tile = isWindow ? windowTiles : 0; tile < reaches.length; tile++) {
			const columns = reaches[tile] as (typeof reaches)[number];
			const narrowed = columns.high >= columns.low ? narrowRule(order, reach, columns) : null;
			if (narrowed) appendTile(list, tile, narrowed === order ? ordered : everything, rules);
		}
		return list;
	});
	return { ...plan, runs, rules };
}

/** The rows of the global tokens alone: all keys, or those up to each. */
export function globalRowsPlan(length: number, { causal, globals }: LongformerPattern): TilePlan {
	return blockPlan({
		rows: length,
		columns: length,
		rowList: globals,
		rowBlock: Math.max(1, globals.length),
		columnBlock: length,
		sees: () => [{ first: 0, last: 0 }],
		rule: causal ? { maxOffset: 0 } : {},
	});
}

/** Tiles of the window that lost a slot to a global token. */
function tilesTouched({ rowOrder, rows }: TilePlan, globals: readonly number[]): Set<number> {
	if (!rowOrder) return new Set(globals.map((position) => Math.floor(position / tileSize)));
	const slots = new Int32Array(rows);
	rowOrder.forEach((position, slot) => {
		if (position >= 0) slots[position] = slot;
	});
	return new Set(globals.map((position) => Math.floor((slots[position] as number) / tileSize)));
}

/** Whether a rule shows any pair of a tile. */
function showsSome({ rows, columns, rowOrder, columnOrder }: TilePlan, rowTile: number, tile: number, rule: TileRule) {
	for (let row = 0; row < tileSize; row++) {
		const r = positionOf(rowOrder, rows, rowTile * tileSize + row);
		if (r < 0) continue;
		for (let column = 0; column < tileSize; column++) {
			const c = positionOf(columnOrder, columns, tile * tileSize + column);
			if (c >= 0 && ruleShows(rule, row, column, r, c, 0)) return true;
		}
	}
	return false;
}
