import { checkpoint } from "../../autograd/checkpoint.js";
import { checkFlag, checkList } from "../../ops/operands.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { TensorTree } from "../../tensor/tree.js";
import { foldIn } from "../forward-options.js";
import { joinSessions, type Layer, type LayerSession } from "../layer.js";
import { repeat } from "../universal/repeat.js";
import type { Stack } from "./stack.js";

export interface PlainStackOptions {
	/** Keep only the input of each layer and repeat the layer in the backward pass (Chen et al. 2016, arXiv 1604.06174). Default: false. */
	checkpointed?: boolean;
}

/** Layers with weights of their own. */
export function plainStack<P extends TensorTree>(
	layers: readonly Layer<P>[],
	dim: number,
	{ checkpointed = false }: PlainStackOptions = {},
): Stack<readonly P[]> {
	checkList("plainStack", "layers", layers, "layers");
	checkFlag("plainStack", "checkpointed", checkpointed);
	return {
		outputDim: dim,
		initialize: (draw) => layers.map((layer) => layer.initialize(draw)),
		apply: (parameters, x, options = {}) => ({
			hidden: repeat(x, layers.length, (input, step) => {
				const index = step - 1;
				const given = { ...options, random: foldIn(options.random, index) };
				const run = (hidden: Tensor) => (layers[index] as Layer<P>).apply(parameters[index] as P, hidden, given);
				return checkpointed ? checkpoint(run, input) : run(input);
			}),
			ponderCost: null,
		}),
		startDecoding(batch) {
			const sessions = layers.map((layer) => layer.startDecoding(batch));
			return joinSessions(sessions, (parameters, x) =>
				repeat(x, layers.length, (input, step) =>
					(sessions[step - 1] as LayerSession<P>).append(parameters[step - 1] as P, input),
				),
			);
		},
	};
}
