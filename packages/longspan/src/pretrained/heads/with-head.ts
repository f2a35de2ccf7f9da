import { foldIn } from "../../nn/forward-options.js";
import type { RandomSource } from "../../ops/random.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Architecture, EncoderInputs, HiddenOutputs } from "../architecture.js";
import type { Encoder } from "../layers/encoder.js";
import { checkInputNames } from "../layers/encoder-inputs.js";
import type { Declared, Loaded } from "../parameters/declare.js";
import { checkRunOptions } from "../run-options.js";

/** What a class of checkpoints makes of the hidden states. */
export interface Head<H extends Declared, Inputs extends EncoderInputs, Outputs> {
	readonly declared: H;
	/** Names of the inputs it takes beside those of the encoder. Default: none. */
	readonly inputNames?: readonly string[];
	/**
	 * @param hidden [batch, length, dim]
	 * @param random source of the numbers of dropout in training
	 */
	apply(parameters: Loaded<H>, hidden: Tensor, inputs: Inputs, random: RandomSource | undefined): Outputs;
}

/** A head whose types follow from what it declares. */
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
			checkRunOptions(encoder.name, options);
			checkInputNames(encoder.name, inputs, [...encoder.inputNames, ...(head.inputNames ?? [])]);
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
