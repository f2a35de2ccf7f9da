import { OptionError, ShapeError } from "../../errors.js";
import { checkObject, checkOperands } from "../../ops/operands.js";
import { formatShape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { EncoderInputs } from "../architecture.js";

/**
 * Checks what a model is called with, and returns the mask of its keys: none if no token is padding.
 *
 * @throws ShapeError, DTypeError; OptionError for a mask of other values than 0 and 1, or tokens beyond the longest input
 */
export function checkEncoderInputs(
	name: string,
	inputs: EncoderInputs,
	maxLength: number | undefined,
): Tensor<"int32"> | undefined {
	checkObject(name, "inputs", inputs);
	const { inputIds, attentionMask, tokenTypeIds, globalAttentionMask } = inputs;
	checkOperands(name, { inputIds }, "int32");
	const [, length] = inputIds.shape;
	if (inputIds.rank !== 2 || inputIds.size === 0)
		throw new ShapeError(
			`${name}: argument inputIds has shape ${formatShape(inputIds.shape)}; expected [batch, length], with at least one token`,
		);
	if (maxLength !== undefined && (length as number) > maxLength)
		throw new OptionError(
			`${name}: inputIds has ${length} tokens; expected at most ${maxLength}; cut the text, or run it in pieces`,
		);
	for (const [argument, given] of Object.entries({ attentionMask, tokenTypeIds, globalAttentionMask })) {
		if (!given) continue;
		checkOperands(name, { inputIds, [argument]: given }, "int32");
		if (!sameShape(given.shape, inputIds.shape))
			throw new ShapeError(
				`${name}: argument ${argument} has shape ${formatShape(given.shape)}; expected ${formatShape(inputIds.shape)}, that of inputIds`,
			);
	}
	if (!attentionMask) return undefined;
	const marks = attentionMask.dataSync();
	let padding = false;
	for (const mark of marks) {
		if (mark === 0) padding = true;
		else if (mark !== 1)
			throw new OptionError(`${name}: attentionMask holds ${mark}; expected 1 for tokens and 0 for padding`);
	}
	return padding ? attentionMask : undefined;
}
