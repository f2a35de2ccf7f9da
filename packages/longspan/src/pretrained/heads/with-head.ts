import { foldIn } from "../../nn/forward-options.js";
import { checkOptions, type OptionNames } from "../../ops/operands.js";
import type { RandomSource } from "../../ops/random.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Architecture, EncoderInputs, HiddenOutputs, RunOptions } from "../architecture.js";
import type { Encoder } from "../layers/encoder.js";
import type { Declared, Loaded } from "../parameters/declare.js";

export const runOptionNames: OptionNames<RunOptions> = {
	random: true,
	recompute: true,
	outputHiddenStates: true,
	outputAttentions: true,
	randomBlocks: true,
};

/** What a class of checkpoints makes of the hidden states. */
export interface Head<H extends Declared, Inputs extends EncoderInputs, Outputs> {
	readonly declared: H;
	/**
	 * @param hidden [batch, length, dim]
	 * @param random source of the numbers of dropout in training
	 */
	apply(parameters: Loaded<H>, hidden: Tensor, inputs: Inputs, random: RandomSource | undefined): Outputs;
}

export function defineHead<H extends Declared, Inputs extends EncoderInputs, Outputs>(
	declared: H,
	apply: Head<H, Inputs, Outputs>["apply"],
): Head<H, Inputs, Outputs> {
	return { declared, apply };
}

/**
 * An encoder with a head.
 *
 * @param prepare what the class makes of its inputs before the encoder has them, such as global attention by default
 */
export function withHead<B extends Declared, H extends Declared, Inputs extends EncoderInputs, Outputs>(
	encoder: Encoder<B>,
	head: Head<H, Inputs, Outputs>,
	prepare: (inputs: Inputs) => Inputs = (inputs) => inputs,
): Architecture<Inputs, Outputs & HiddenOutputs, { readonly encoder: B; readonly head: H }> {
	return {
		declared: { encoder: encoder.declared, head: head.declared },
		forward(parameters, inputs, options = {}) {
			checkOptions(encoder.name, options, runOptionNames);
			const own = parameters as { readonly encoder: Loaded<B>; readonly head: Loaded<H> };
			return scope(() => {
				const prepared = prepare(inputs);
				const outputs = encoder.forward(own.encoder, prepared, { ...options, random: foldIn(options.random, 0) });
				const random = foldIn(options.random, 1);
				return { ...outputs, ...head.apply(own.head, outputs.lastHiddenState, prepared, random) };
			});
		},
	};
}
