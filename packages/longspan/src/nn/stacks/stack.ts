import type { Tensor } from "../../tensor/tensor.js";
import type { TensorTree } from "../../tensor/tree.js";
import type { ForwardOptions } from "../forward-options.js";
import type { Initializer } from "../initialize.js";
import type { LayerSession } from "../layer.js";

/** The layers of a model, one after the other. */
export interface Stack<P extends TensorTree> {
	/** Width of what comes out. */
	readonly outputDim: number;
	initialize(draw: Initializer): P;
	/** @param x [batch, length, dim] */
	apply(parameters: P, x: Tensor, options?: ForwardOptions): StackOutput;
	startDecoding(batch: number): LayerSession<P>;
}

// A type, not an interface: those are no trees of tensors to TypeScript.
export type StackOutput = {
	/** [batch, length, outputDim] */
	readonly hidden: Tensor;
	/** What adaptive halting costs, one element; null without it. */
	readonly ponderCost: Tensor | null;
};
