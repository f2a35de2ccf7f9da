import { layerNorm } from "../ops/norm.js";
import { ones, zeros } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";

/** Scale and shift of a layer norm, each [dim]. */
// A type, not an interface: those are no trees of tensors to TypeScript.
export type NormParameters = {
	readonly weight: Tensor;
	readonly bias: Tensor;
};

/** A norm that changes nothing yet: scale 1, shift 0. */
export function normParameters(dim: number): NormParameters {
	return { weight: ones([dim]), bias: zeros([dim]) };
}

/** Layer norm of the last axis with its parameters. */
export function applyNorm(x: Tensor, { weight, bias }: NormParameters): Tensor {
	return layerNorm(x, weight, bias);
}
