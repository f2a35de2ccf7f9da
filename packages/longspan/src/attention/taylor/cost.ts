import { stateFlops } from "../linear/cost.js";
import type { Cost, CostSizes } from "../mechanism.js";

/** Cost of Taylor attention: the features of q and k, numerators with a column of denominators, and the output. */
export function taylorCost(
	length: number,
	{ batch = 1, heads = 1, headDim = 64, valueDim = headDim }: CostSizes,
	{ causal, order }: { causal: boolean; order: 1 | 2 },
): Cost {
	const widened = causal || order === 2;
	const featureDim = order === 2 ? 1 + headDim + headDim ** 2 : headDim + (widened ? 1 : 0);
	const columns = valueDim + 1;
	// While features are made, their parts are alive beside them; then values with a column of ones, and numerators.
	const parts = widened ? featureDim + headDim : 0;
	const perPosition = 2 * featureDim + Math.max(parts, causal ? 2 * columns : 3 * columns);
	return {
		flops: batch * heads * stateFlops({ featureDim, valueDim: columns, causal, positions: length }),
		tiles: 0,
		bytes: 4 * batch * heads * (length * perPosition + featureDim * (columns + 1)),
	};
}
