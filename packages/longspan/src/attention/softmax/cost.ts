import type { Cost, CostSizes } from "../mechanism.js";
import type { HeadPlans } from "../plan/encode.js";
import { tileSize } from "../plan/tile-plan.js";

/**
 * Cost of softmax attention over one or several parts that are merged: two matrix products per tile; memory for the output and
 * logSumExp of each part, and of a merge while the parts are alive.
 */
export function softmaxCost(
	parts: HeadPlans | readonly HeadPlans[],
	queryLength: number,
	{ batch = 1, heads = 1, headDim = 64, valueDim = headDim }: CostSizes,
): Cost {
	const list: readonly HeadPlans[] = "plans" in parts ? [parts] : parts;
	const tiles = list.reduce((sum, part) => sum + tilesOf(part, batch * heads), 0);
	const results = list.length > 1 ? list.length + 1 : 1;
	return {
		flops: tiles * tileSize * tileSize * 2 * (headDim + valueDim),
		tiles,
		bytes: results * batch * heads * queryLength * (valueDim + 1) * 4,
	};
}

function tilesOf({ plans, headMap }: HeadPlans, entries: number): number {
	const tilesOfPlan = plans.map(({ runs }) => runs.flat().reduce((sum, run) => sum + run.tiles, 0));
	let tiles = 0;
	for (let entry = 0; entry < entries; entry++)
		tiles += tilesOfPlan[headMap[entry % headMap.length] as number] as number;
	return tiles;
}
