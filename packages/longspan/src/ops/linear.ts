import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { add } from "./arithmetic.js";
import { matmul } from "./matmul.js";
import { checkChoice, checkOptions } from "./operands.js";
import { type Matrix, PackedMatrix } from "./packed-matrix.js";
import { gelu, relu, silu, tanh } from "./unary.js";

/** "gelu" is the exact one, with erf; "geluTanh" the approximation that checkpoints call gelu_new. */
export type LinearActivation = "none" | "gelu" | "geluTanh" | "relu" | "silu" | "tanh";

export interface LinearOptions {
	/** [outputs]. Default: none. */
	bias?: Tensor | undefined;
	/** Applied to the result. Default: "none". */
	activation?: LinearActivation | undefined;
}

const activations: Record<LinearActivation, (x: Tensor) => Tensor> = {
	none: (x) => x,
	gelu: (x) => gelu(x),
	geluTanh: (x) => gelu(x, { approximate: "tanh" }),
	relu,
	silu,
	tanh,
};

/**
 * activation(x · weightᵀ + bias), the linear layer of checkpoints. Differentiable if the weight is a tensor; a packed one is for use
 * only.
 *
 * @param x [..., inputs]
 * @param weight [outputs, inputs]
 * @returns [..., outputs]
 */
export function linear(x: Tensor, weight: Matrix, options: LinearOptions = {}): Tensor {
	checkOptions("linear", options, { bias: true, activation: true });
	const { bias, activation = "none" } = options;
	checkChoice("linear", "activation", activation, Object.keys(activations));
	return scope(() => {
		const table = weight instanceof PackedMatrix ? weight.values : weight;
		const product = matmul(x, table, { transposeB: true });
		return activations[activation](bias ? add(product, bias) : product);
	});
}
