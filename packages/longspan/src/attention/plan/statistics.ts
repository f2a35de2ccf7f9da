import { positionOf, ruleShows, showsAll, type TilePlan, type TileRule, tileSize } from "./tile-plan.js";

export interface PlanStatistics {
	/** Tiles of scores visited. */
	readonly tiles: number;
	/** Visible pairs of query and key, before any key mask. */
	readonly activePairs: number;
	/** Visible pairs divided by rows times columns. */
	readonly density: number;
	/** Runs of tiles: what the plan's size grows with. */
	readonly runs: number;
}

/** Calls `visit` with the original positions of every visible pair. Takes time in proportion to the tiles. */
export function forEachPair(plan: TilePlan, visit: (row: number, column: number) => void): void {
	plan.runs.forEach((list, rowTile) => {
		for (const run of list)
			for (let tile = 0; tile < run.tiles; tile++)
				forEachPairOfTile(plan, rowTile, run.firstTile + tile, plan.rules[run.rule] as TileRule, tile, visit);
	});
}

function forEachPairOfTile(
	plan: TilePlan,
	rowTile: number,
	columnTile: number,
	rule: TileRule,
	tileOfRun: number,
	visit: (row: number, column: number) => void,
): void {
	for (let row = 0; row < tileSize; row++) {
		const r = positionOf(plan.rowOrder, plan.rows, rowTile * tileSize + row);
		if (r < 0) continue;
		for (let column = 0; column < tileSize; column++) {
			const c = positionOf(plan.columnOrder, plan.columns, columnTile * tileSize + column);
			if (c >= 0 && ruleShows(rule, row, column, r, c, tileOfRun)) visit(r, c);
		}
	}
}

/** Filled slots of the tiles first..first+tiles-1. */
function filledSlots(order: Int32Array | null, length: number, first: number, tiles: number): number {
	if (!order) return Math.max(0, Math.min(length, (first + tiles) * tileSize) - first * tileSize);
	let filled = 0;
	for (let slot = first * tileSize; slot < (first + tiles) * tileSize; slot++)
		if ((order[slot] as number) >= 0) filled++;
	return filled;
}

/** Counts what a plan visits. Tiles shown whole are counted at once, the others pair by pair. */
export function planStatistics(plan: TilePlan): PlanStatistics {
	let tiles = 0;
	let activePairs = 0;
	let runs = 0;
	plan.runs.forEach((list, rowTile) => {
		for (const run of list) {
			const rule = plan.rules[run.rule] as TileRule;
			tiles += run.tiles;
			runs++;
			if (showsAll(rule)) {
				activePairs +=
					filledSlots(plan.rowOrder, plan.rows, rowTile, 1) *
					filledSlots(plan.columnOrder, plan.columns, run.firstTile, run.tiles);
				continue;
			}
			for (let tile = 0; tile < run.tiles; tile++)
				forEachPairOfTile(plan, rowTile, run.firstTile + tile, rule, tile, () => {
					activePairs++;
				});
		}
	});
	return { tiles, activePairs, density: activePairs / (plan.rows * plan.columns), runs };
}
