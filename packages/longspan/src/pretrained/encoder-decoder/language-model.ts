import { linear } from "../../ops/linear.js";
import type { Matrix } from "../../ops/packed-matrix.js";
import { reshape } from "../../ops/reshape.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { EncoderDecoderInputs } from "../architecture.js";
import { type Declared, declareTensor } from "../parameters/declare.js";
import type { EncoderDecoderOutputs, GeneratingArchitecture, LogitsOutputs } from "../tasks.js";
import { startDecoding } from "./decoding.js";
import { declareEncoderDecoder, type EncoderDecoderFamily, encoderDecoderModel } from "./model.js";

/** Scores of the vocabulary: states times the table of tokens, plus a bias, 0 where a checkpoint has none. */
function scoresOf(states: Tensor, tokens: Matrix, bias: Tensor): Tensor {
	return linear(states, tokens, { bias: reshape(bias, [tokens.shape[0] as number]) });
}

function declareLanguageModel<D extends Declared>(family: EncoderDecoderFamily<D>) {
	return {
		model: declareEncoderDecoder(family),
		bias: declareTensor("final_logits_bias", [1, family.config.vocabularySize], "zeros", { optional: true }),
	};
}

/** Scores of the token after each token of the decoder. Writes text token by token, with the encoder run once. */
export function encoderDecoderLanguageModel<D extends Declared>(
	family: EncoderDecoderFamily<D>,
): GeneratingArchitecture<
	EncoderDecoderInputs,
	LogitsOutputs & EncoderDecoderOutputs,
	ReturnType<typeof declareLanguageModel<D>>
> {
	const base = encoderDecoderModel(family);
	return {
		declared: declareLanguageModel(family),
		forward: ({ model, bias }, inputs, options) =>
			scope(() => {
				const states = base.forward(model, inputs, options);
				return { ...states, logits: scoresOf(states.lastHiddenState, model.tokens, bias) };
			}),
		startDecoding: ({ model, bias }, inputs) =>
			startDecoding(family, model, inputs, (states) => scoresOf(states, model.tokens, bias)),
	};
}
