import { layerNorm } from "../../ops/norm.js";
import type { Tensor } from "../../tensor/tensor.js";
import { declareTensor, type Loaded } from "../parameters/declare.js";

/** Weights of a layer norm called `name` in the checkpoint. */
export function declareNorm(name: string, dim: number) {
	return {
		weight: declareTensor(`${name}.weight`, [dim], "ones"),
		bias: declareTensor(`${name}.bias`, [dim], "zeros"),
	};
}

export type NormParameters = Loaded<ReturnType<typeof declareNorm>>;

/** The layer norm of x over its last axis. */
export function applyNorm(x: Tensor, { weight, bias }: NormParameters, epsilon: number): Tensor {
	return layerNorm(x, weight, bias, { epsilon });
}
