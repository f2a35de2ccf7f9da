import { ShapeError } from "../../errors.js";
import { checkIds } from "../../ops/check-ids.js";
import { checkOperands } from "../../ops/operands.js";
import { formatShape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { EncoderDecoderInputs, EncoderInputs } from "../architecture.js";
import { checkEncoderInputs, checkInputNames, commonInputNames, hasPadding } from "../layers/encoder-inputs.js";
import type { Declared } from "../parameters/declare.js";
import type { EncoderDecoderConfig } from "./config.js";
import type { EncoderDecoderFamily } from "./model.js";

/**
 * Checks what the encoder reads. Its mask is left out where no token is padding.
 *
 * @param decoderNames names of inputs of the decoder that may be there, too
 */
export function checkReading<Inputs extends EncoderInputs, D extends Declared>(
	{ config, selfAttention }: EncoderDecoderFamily<D>,
	inputs: Inputs,
	decoderNames: readonly string[] = [],
): Inputs {
	const { name, encoder, positionOffset, vocabularySize } = config;
	checkInputNames(name, inputs, [...commonInputNames, ...(selfAttention.inputNames ?? []), ...decoderNames]);
	const maxLength = encoder.positionRows - positionOffset;
	return { ...inputs, attentionMask: checkEncoderInputs(name, inputs, { maxLength, vocabularySize }) };
}

/** Checks what the decoder reads over a whole text. */
export function checkWriting(
	{ name, vocabularySize }: EncoderDecoderConfig,
	{ inputIds, decoderInputIds, decoderAttentionMask }: EncoderDecoderInputs,
): void {
	checkTokens(name, "decoderInputIds", decoderInputIds);
	checkIds(name, "decoderInputIds", decoderInputIds, vocabularySize);
	if (decoderInputIds.shape[0] !== inputIds.shape[0])
		throw new ShapeError(
			`${name}: argument decoderInputIds has shape ${formatShape(decoderInputIds.shape)}; expected ${inputIds.shape[0]} rows, as inputIds has`,
		);
	if (!decoderAttentionMask) return;
	checkOperands(name, { decoderInputIds, decoderAttentionMask }, "int32");
	if (!sameShape(decoderAttentionMask.shape, decoderInputIds.shape))
		throw new ShapeError(
			`${name}: argument decoderAttentionMask has shape ${formatShape(decoderAttentionMask.shape)}; expected ${formatShape(decoderInputIds.shape)}, that of decoderInputIds`,
		);
	hasPadding(name, "decoderAttentionMask", decoderAttentionMask);
}

/** Checks ids of whole sequences: int32 [batch, length], not empty. */
export function checkTokens(name: string, argument: string, ids: Tensor<"int32">): void {
	checkOperands(name, { [argument]: ids }, "int32");
	if (ids.rank !== 2 || ids.size === 0)
		throw new ShapeError(
			`${name}: argument ${argument} has shape ${formatShape(ids.shape)}; expected [batch, length], with at least one token`,
		);
}
