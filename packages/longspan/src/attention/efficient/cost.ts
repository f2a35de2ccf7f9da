import { stateFlops } from "../linear/cost.js";
import type { Cost, CostSizes } from "../mechanism.js";
import { chunkLengthFor } from "./chunks.js";

/** Cost of the form over all keys: two products, and the exponentials of k beside their exponents or those of q beside the output. */
export function wholeCost(length: number, { batch = 1, heads = 1, headDim = 64, valueDim = headDim }: CostSizes): Cost {
	return {
		flops: batch * heads * stateFlops({ featureDim: headDim, valueDim, causal: false, positions: length }),
		tiles: 0,
		bytes: 4 * batch * heads * (length * Math.max(2 * headDim, headDim + valueDim) + headDim * (2 * valueDim + 4)),
	};
}

/** Cost of the causal extension: pairs inside chunks, two products with the states of chunks, and the scan of those. */
export function causalCost(
	length: number,
	{ batch = 1, heads = 1, headDim = 64, valueDim = headDim }: CostSizes,
): Cost {
	const columns = valueDim + 1;
	const chunk = chunkLengthFor(length);
	const chunks = Math.ceil(length / chunk);
	const pairs = (chunk - 1) * (headDim + columns);
	const scan = headDim * stateFlops({ featureDim: 1, valueDim: columns, causal: true, positions: chunks });
	const states = (headDim * columns) / chunk;
	// Operands, maxima and numerators; then either the parts of a level or the states, several times over.
	const perPosition =
		4 * headDim + 2 * columns + Math.max(3 * headDim + 3 * columns, 5 * states + 2 * headDim + 2 * columns);
	return {
		flops: batch * heads * (chunks * chunk * (4 * headDim * columns + pairs) + scan),
		tiles: 0,
		bytes: 4 * batch * heads * (chunks * chunk * perPosition + 4 * headDim * columns),
	};
}
