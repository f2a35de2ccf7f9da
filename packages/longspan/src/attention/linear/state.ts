import { ShapeError } from "../../errors.js";
import { checkOperands } from "../../ops/operands.js";
import { formatShape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";

/**
 * All that linear attention remembers of the keys and values so far. States of neighbouring stretches of a sequence add up
 * (after decaying the earlier one), so a sequence may be cut anywhere.
 */
export interface LinearState {
	/** [batch, heads, headDim, valueDim], the decayed sum of k vᵀ. */
	readonly sum: Tensor;
	/** [batch, heads, headDim], the decayed sum of k; null without a normaliser. */
	readonly normalizer: Tensor | null;
}

/** Sizes of a state. */
export interface StateSizes {
	readonly batch: number;
	readonly heads: number;
	readonly headDim: number;
	readonly valueDim: number;
}

/** Checks a state given by a caller against the sizes of the call. */
export function checkState(
	name: string,
	state: LinearState,
	{ batch, heads, headDim, valueDim }: StateSizes,
	normalize: boolean,
): void {
	if (normalize !== (state.normalizer !== null))
		throw new ShapeError(
			`${name}: initialState ${normalize ? "has no normalizer, which normalize: true needs" : "has a normalizer, which normalize: false has no use for"}`,
		);
	const expected: [string, Tensor, number[]][] = [["initialState.sum", state.sum, [batch, heads, headDim, valueDim]]];
	if (state.normalizer) expected.push(["initialState.normalizer", state.normalizer, [batch, heads, headDim]]);
	for (const [argument, tensor, shape] of expected) {
		checkOperands(name, { [argument]: tensor });
		if (!sameShape(tensor.shape, shape))
			throw new ShapeError(
				`${name}: argument ${argument} has shape ${formatShape(tensor.shape)}; expected ${formatShape(shape)}`,
			);
	}
}
