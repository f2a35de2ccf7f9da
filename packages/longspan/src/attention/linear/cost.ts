import type { Cost, CostSizes } from "../mechanism.js";

/** Positions that the causal form takes together, with scores among themselves and a state for all before. */
const chunkLength = 48;

/**
 * Cost of attention through a state. Not causal: two products with the state. Causal: those, and scores and values inside
 * chunks. Memory: the mapped q and k, the output before and after division, and the state.
 */
export function stateCost(
	length: number,
	causal: boolean,
	{ batch = 1, heads = 1, headDim = 64, valueDim = headDim }: CostSizes,
): Cost {
	const throughState = 4 * headDim * valueDim;
	const insideChunk = causal ? 2 * Math.min(length, chunkLength) * (headDim + valueDim) : 0;
	const states = batch * heads;
	const perPosition = 2 * headDim + valueDim * (causal ? 1 : 2) + 2;
	return {
		flops: states * length * (throughState + insideChunk),
		tiles: 0,
		bytes: 4 * states * (length * perPosition + headDim * (valueDim + 2)),
	};
}
