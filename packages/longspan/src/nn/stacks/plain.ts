import { checkpoint } from "../../autograd/checkpoint.js";
import { scope } from "../../tensor/scope.js";
import type { TensorTree } from "../../tensor/tree.js";
import { foldIn } from "../forward-options.js";
import type { Layer } from "../layer.js";
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
	return {
		outputDim: dim,
		initialize: (draw) => layers.map((layer) => layer.initialize(draw)),
		apply: (parameters, x, options = {}) => ({
			hidden: scope(() =>
				layers.reduce((input, layer, index) => {
					const given = { ...options, random: foldIn(options.random, index) };
					const run = (hidden: typeof x) => layer.apply(parameters[index] as P, hidden, given);
					return checkpointed ? checkpoint(run, input) : run(input);
				}, x),
			),
			ponderCost: null,
		}),
		startDecoding(batch) {
			const sessions = layers.map((layer) => layer.startDecoding(batch));
			return {
				get stateBytes() {
					return sessions.reduce((sum, { stateBytes }) => sum + stateBytes, 0);
				},
				append: (parameters, x) =>
					scope(() => sessions.reduce((input, session, index) => session.append(parameters[index] as P, input), x)),
				dispose() {
					for (const session of sessions) session.dispose();
				},
			};
		},
	};
}
