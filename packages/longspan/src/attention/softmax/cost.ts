import type { Cost, CostSizes } from "../mechanism.js";
import type { HeadPlans } from "../plan/encode.js";
import { planStatistics } from "../plan/statistics.js";
import { tileSize } from "../plan/tile-plan.js";

/** Cost of softmax attention over plans: two matrix products per tile; memory for the output and logSumExp. */
export function softmaxCost(
	{ plans, headMap }: HeadPlans,
	queryLength: number,
	{ batch = 1, heads = 1, headDim = 64, valueDim = headDim }: CostSizes,
): Cost {
	const tilesOf = plans.map((plan) => planStatistics(plan).tiles);
	let tiles = 0;
	for (let head = 0; head < batch * heads; head++) tiles += tilesOf[headMap[head % headMap.length] as number] as number;
	return {
		flops: tiles * tileSize * tileSize * 2 * (headDim + valueDim),
		tiles,
		bytes: batch * heads * queryLength * (valueDim + 1) * 4,
	};
}
