import { OptionError, ShapeError } from "../../errors.js";
import { checkOperands } from "../../ops/operands.js";
import { formatShape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { EncoderDecoderInputs, EncoderInputs } from "../architecture.js";
import { checkEncoderInputs } from "../layers/encoder-inputs.js";
import type { EncoderDecoderConfig } from "./config.js";

/** Checks what the encoder reads. Its mask is left out where no token is padding. */
export function checkReading<Inputs extends EncoderInputs>(
	name: string,
	inputs: Inputs,
	{ encoder, positionOffset }: EncoderDecoderConfig,
): Inputs {
	const attentionMask = checkEncoderInputs(name, inputs, encoder.positionRows - positionOffset);
	if (inputs.tokenTypeIds) throw new OptionError(`${name}: tokenTypeIds is given; this model has no types of tokens`);
	return { ...inputs, attentionMask };
}

/** Checks what the decoder reads over a whole text. */
export function checkWriting(
	name: string,
	{ inputIds, decoderInputIds, decoderAttentionMask }: EncoderDecoderInputs,
): void {
	checkTokens(name, "decoderInputIds", decoderInputIds);
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
}

/** Checks ids of whole sequences: int32 [batch, length], not empty. */
export function checkTokens(name: string, argument: string, ids: Tensor<"int32">): void {
	checkOperands(name, { [argument]: ids }, "int32");
	if (ids.rank !== 2 || ids.size === 0)
		throw new ShapeError(
			`${name}: argument ${argument} has shape ${formatShape(ids.shape)}; expected [batch, length], with at least one token`,
		);
}
