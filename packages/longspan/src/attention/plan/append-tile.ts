import type { TileRule, TileRun } from "./tile-plan.js";

/** Adds a tile under a rule to the runs of a row tile: to the last run if it continues that (a bitmap is for one tile), else as a new one. */
export function appendTile(list: TileRun[], tile: number, rule: number, rules: readonly TileRule[]): void {
	const last = list[list.length - 1];
	if (last?.rule === rule && !rules[rule]?.bitmap && last.firstTile + last.tiles === tile)
		list[list.length - 1] = { ...last, tiles: last.tiles + 1 };
	else list.push({ firstTile: tile, tiles: 1, rule });
}
