import { OptionError } from "../../errors.js";
import { foldIn } from "../../nn/forward-options.js";
import { scope } from "../../tensor/scope.js";
import type { Architecture, EncoderDecoderInputs, EncoderInputs, RunOptions } from "../architecture.js";
import { type Declared, declareMatrix, type Loaded } from "../parameters/declare.js";
import { checkRunOptions } from "../run-options.js";
import type { EncoderDecoderOutputs } from "../tasks.js";
import { checkReading, checkWriting } from "./check-inputs.js";
import type { EncoderDecoderConfig } from "./config.js";
import { declareDecoder, decode } from "./decoder.js";
import { declareEncoder, type EncoderSelfAttention, encode } from "./encoder.js";
import { shiftRight } from "./shift-right.js";
import { wholeAttention } from "./whole-attention.js";

/** A member of the family with the sizes of one checkpoint. */
export interface EncoderDecoderFamily<D extends Declared> {
	/** Prefix of the names of its weights, such as "led.". */
	readonly prefix: string;
	readonly config: EncoderDecoderConfig;
	readonly selfAttention: EncoderSelfAttention<D>;
}

/** Inputs of tasks that read a text: the decoder reads it, too, shifted right, unless it is given something else. */
export type ReadingInputs = EncoderInputs & Partial<EncoderDecoderInputs>;

/** Weights of encoder and decoder; the table of tokens serves both, and the scores of the language model. */
export function declareEncoderDecoder<D extends Declared>({ prefix, config, selfAttention }: EncoderDecoderFamily<D>) {
	return {
		tokens: declareMatrix(`${prefix}shared.weight`, [config.vocabularySize, config.width], {
			aliases: [`${prefix}encoder.embed_tokens.weight`, `${prefix}decoder.embed_tokens.weight`, "lm_head.weight"],
		}),
		encoder: declareEncoder(prefix, config, selfAttention),
		decoder: declareDecoder(prefix, config),
	};
}

export type EncoderDecoderParameters<D extends Declared> = Loaded<ReturnType<typeof declareEncoderDecoder<D>>>;

/** Encoder and decoder without a head: states of both. Every whole-text head runs it. */
export function encoderDecoderModel<D extends Declared>(
	family: EncoderDecoderFamily<D>,
): Architecture<ReadingInputs, EncoderDecoderOutputs, ReturnType<typeof declareEncoderDecoder<D>>> {
	const { config, selfAttention } = family;
	const { name } = config;
	const attentionOver = wholeAttention(config.decoder.heads);
	return {
		declared: declareEncoderDecoder(family),
		forward: (parameters: EncoderDecoderParameters<D>, given: ReadingInputs, options: RunOptions = {}) =>
			scope(() => {
				const { tokens, encoder, decoder } = parameters;
				checkRunOptions(name, options);
				if (options.outputAttentions)
					throw new OptionError(
						`${name}: outputAttentions is true; probabilities never exist as a whole here, leave it out`,
					);
				if (options.recompute)
					throw new OptionError(`${name}: recompute is true; its layers are not computed again here, leave it out`);
				const read = checkReading(family, given, ["decoderInputIds", "decoderAttentionMask"]);
				const { decoderInputIds = shiftRight(read.inputIds, config.startId, config.padId) } = read;
				const inputs: EncoderDecoderInputs = { ...read, decoderInputIds };
				checkWriting(config, inputs);
				const partOf = (part: number) => ({ ...options, random: foldIn(options.random, part) });
				const encoded = encode(encoder, tokens, config, selfAttention, inputs, partOf(0));
				const attention = attentionOver(encoded.lastHiddenState, inputs);
				const decoded = decode(decoder, tokens, config, decoderInputIds, 0, attention, partOf(1));
				return {
					...decoded,
					encoderLastHiddenState: encoded.lastHiddenState,
					...(encoded.hiddenStates && { encoderHiddenStates: encoded.hiddenStates }),
				};
			}),
	};
}
