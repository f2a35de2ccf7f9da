import type { Cost, CostSizes } from "../mechanism.js";

/** Positions that the causal form takes together, with scores among themselves and a state for all before. */
const chunkLength = 48;

/** What mapping one vector takes beyond its features. */
export interface MapCost {
	/** Floating-point operations of matrix products. */
	readonly flops: number;
	/** Numbers that are alive while it is mapped. */
	readonly numbers: number;
}

/** Sizes of attention through a state, feature maps applied. */
export interface StateCostSizes {
	readonly featureDim: number;
	readonly valueDim: number;
	readonly causal: boolean;
	/** Positions of one head that are computed alike. */
	readonly positions: number;
}

/** Flops of one head: two products with the state and, causal, scores and values inside chunks. */
export function stateFlops({ featureDim, valueDim, causal, positions }: StateCostSizes): number {
	const insideChunk = causal ? 2 * Math.min(positions, chunkLength) * (featureDim + valueDim) : 0;
	return positions * (4 * featureDim * valueDim + insideChunk);
}

/**
 * Cost of attention through a state. Memory: the features of q and k, and what is alive beside them at the peak, either while the last
 * are made (`map`, for one vector) or while the output is: before and after division, and the state.
 */
export function stateCost(
	length: number,
	causal: boolean,
	{ batch = 1, heads = 1, headDim = 64, valueDim = headDim }: CostSizes,
	{ featureDim = headDim, map = { flops: 0, numbers: 0 } }: { featureDim?: number; map?: MapCost } = {},
): Cost {
	const perPosition = 2 * featureDim + Math.max(map.numbers, valueDim * (causal ? 1 : 2) + 2);
	return {
		flops: batch * heads * (stateFlops({ featureDim, valueDim, causal, positions: length }) + 2 * length * map.flops),
		tiles: 0,
		bytes: 4 * batch * heads * (length * perPosition + featureDim * (valueDim + 2)),
	};
}
