import { reversibleSequence } from "../../autograd/reversible.js";
import { foldIn } from "../../nn/forward-options.js";
import { add } from "../../ops/arithmetic.js";
import { concat } from "../../ops/slice.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { drop } from "../layers/drop.js";
import { applyNorm, declareNorm } from "../layers/norm.js";
import type { Loaded } from "../parameters/declare.js";
import { type AttentionInputs, attentionLayer, declareAttention } from "./attention-layer.js";
import type { ReformerConfig } from "./config.js";
import { applyFeedForward, declareFeedForward } from "./feed-forward.js";

export interface ReformerEncoderInputs extends Omit<AttentionInputs, "rotations"> {
	/** Of each LSH layer, in order. */
	readonly rotations: readonly Tensor[] | undefined;
	/** Whether the second stream before each layer and after the last is returned, too. */
	readonly outputHiddenStates: boolean;
}

export interface ReformerEncoderOutputs {
	/** [batch, length, 2 width] */
	readonly output: Tensor;
	/** Each [batch, length, width]. */
	readonly hiddenStates: readonly Tensor[] | undefined;
}

/** Weights of the layers, and of the norm over both streams. */
export function declareEncoder(config: ReformerConfig) {
	const name = "reformer.encoder";
	return {
		layers: config.layers.map((kind, index) => ({
			attention: declareAttention(`${name}.layers.${index}.attention`, kind, config),
			feedForward: declareFeedForward(`${name}.layers.${index}.feed_forward`, config),
		})),
		norm: declareNorm(`${name}.layer_norm`, 2 * config.width),
	};
}

export type ReformerEncoderParameters = Loaded<ReturnType<typeof declareEncoder>>;

/**
 * Layers with two residual streams that begin as copies of the input: x1 += attention(x2), x2 += feedForward(x1) (Kitaev et al. 2020,
 * arXiv 2001.04451, eq. 9). In training only the last streams are kept, unless hidden states are asked for.
 */
export function reformerEncoder(config: ReformerConfig) {
	const layers = config.layers.map((kind, index) => ({
		kind,
		attend: attentionLayer(config, kind, index),
		before: config.layers.slice(0, index).filter((other) => other === "lsh").length,
	}));
	return (parameters: ReformerEncoderParameters, x: Tensor, inputs: ReformerEncoderInputs): ReformerEncoderOutputs =>
		scope(() => {
			const couplings = layers.map(({ kind, attend, before }, index) => {
				const { attention, feedForward } = parameters.layers[index] as ReformerEncoderParameters["layers"][number];
				const random = foldIn(inputs.random, index);
				const rotations = kind === "lsh" ? inputs.rotations?.[before] : undefined;
				return {
					f: (hidden: Tensor) => attend(attention, hidden, { ...inputs, rotations, random }),
					g: (attended: Tensor) => applyFeedForward(config, feedForward, attended, random),
				};
			});
			const hiddenStates: Tensor[] = [x];
			let streams: [Tensor, Tensor] = [x, x];
			if (inputs.outputHiddenStates)
				for (const { f, g } of couplings) {
					const attended = add(streams[0], f(streams[1]));
					streams = [attended, add(streams[1], g(attended))];
					hiddenStates.push(streams[1]);
				}
			else streams = reversibleSequence(couplings, x, x);
			const normed = scope(() => applyNorm(concat(streams, 2), parameters.norm, config.epsilon));
			return {
				output: drop(normed, config.dropout, foldIn(inputs.random, layers.length)),
				hiddenStates: inputs.outputHiddenStates ? hiddenStates : undefined,
			};
		});
}
