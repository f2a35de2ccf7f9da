import { type LinearActivation, linear } from "../../ops/linear.js";
import type { Tensor } from "../../tensor/tensor.js";
import { type Declaration, declareMatrix, declareTensor, type Loaded } from "../parameters/declare.js";

export interface LinearLayerOptions extends Pick<Declaration, "optional"> {
	/** Default: true. */
	bias?: boolean | undefined;
}

/** Weights of a linear layer called `name` in the checkpoint. */
export function declareLinear(
	name: string,
	inputs: number,
	outputs: number,
	{ bias = true, optional }: LinearLayerOptions = {},
) {
	return {
		weight: declareMatrix(`${name}.weight`, [outputs, inputs], { optional }),
		bias: bias ? declareTensor(`${name}.bias`, [outputs], "zeros", { optional }) : undefined,
	};
}

export type LinearParameters = Loaded<ReturnType<typeof declareLinear>>;

/** activation(x · weightᵀ + bias) */
export function applyLinear(x: Tensor, { weight, bias }: LinearParameters, activation?: LinearActivation): Tensor {
	return linear(x, weight, { bias, activation });
}
