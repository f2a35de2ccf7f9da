import { stateFlops } from "../linear/cost.js";
import type { Cost, CostSizes } from "../mechanism.js";
import { chunkLengthFor } from "./chunks.js";

/**
 * Cost of the form over all keys: two products, and for the softmaxes the exponentials of k beside their exponents, or those of q beside
 * the output.
 */
export function wholeCost(
	length: number,
	{ batch = 1, heads = 1, headDim = 64, valueDim = headDim }: CostSizes,
	normalization: "softmax" | "scaling",
): Cost {
	const perPosition = normalization === "scaling" ? valueDim : Math.max(2 * headDim, headDim + valueDim);
	return {
		flops: batch * heads * stateFlops({ featureDim: headDim, valueDim, causal: false, positions: length }),
		tiles: 0,
		bytes: 4 * batch * heads * (length * perPosition + headDim * (2 * valueDim + 4)),
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
	// Maxima, shifted queries, values and numerators, and copies of operands with positions added; then either the parts of a level
	// or the states of the chunks, five times over.
	const copies = length % chunk === 0 ? 0 : 2 * headDim + columns;
	const perPosition = 2 * headDim + 2 * columns + copies + Math.max(3 * headDim + 2.5 * columns, 5 * states + 16);
	return {
		flops: batch * heads * (chunks * chunk * (4 * headDim * columns + pairs) + scan),
		tiles: 0,
		bytes: 4 * batch * heads * (chunks * chunk * perPosition + 4 * headDim * columns),
	};
}
