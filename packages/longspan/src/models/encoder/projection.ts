import type { Initializer } from "../../nn/initialize.js";
import { add } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { zeros } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";

/** A projection with a bias. A type, not an interface: those are no trees of tensors to TypeScript. */
export type ProjectionParameters = {
	/** [inputs, outputs] */
	readonly weight: Tensor;
	/** [outputs] */
	readonly bias: Tensor;
};

/** Weights of variance 1 / inputs, no bias yet. */
export function projectionParameters(draw: Initializer, inputs: number, outputs: number): ProjectionParameters {
	return { weight: draw([inputs, outputs], 1 / Math.sqrt(inputs)), bias: zeros([outputs]) };
}

/** x · weight + bias. */
export function project(x: Tensor, { weight, bias }: ProjectionParameters): Tensor {
	return scope(() => add(matmul(x, weight), bias));
}
