import { OptionError, ShapeError } from "../../errors.js";
import { checkIds } from "../../ops/check-ids.js";
import { checkObject, checkOperands } from "../../ops/operands.js";
import { formatShape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { EncoderInputs } from "../architecture.js";

/** Inputs that every encoder takes. */
export const commonInputNames: readonly (keyof EncoderInputs)[] = ["inputIds", "attentionMask"];

/**
 * Checks that a model takes all inputs that are given: others, and misspelt ones, would have no effect.
 *
 * @param names of the inputs it takes
 * @throws OptionError naming the one it does not take
 */
export function checkInputNames(name: string, inputs: object, names: readonly string[]): void {
	checkObject(name, "inputs", inputs);
	for (const [argument, value] of Object.entries(inputs))
		if (value !== undefined && !names.includes(argument))
			throw new OptionError(`${name}: ${argument} is no input of this model; expected ${names.join(", ")}`);
}

export interface InputLimits {
	/** Longest input in tokens. Default: any. */
	readonly maxLength?: number;
	readonly vocabularySize: number;
	/** Kinds of text that a token may belong to. */
	readonly types?: number;
}

/**
 * Checks what a model is called with, and returns the mask of its keys: none if no token is padding.
 *
 * @throws ShapeError, DTypeError; OptionError for a mask of other values than 0 and 1, ids outside of the vocabulary, or tokens beyond the
 * longest input
 */
export function checkEncoderInputs(
	name: string,
	inputs: EncoderInputs,
	{ maxLength, vocabularySize, types = Number.POSITIVE_INFINITY }: InputLimits,
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
	checkIds(name, "inputIds", inputIds, vocabularySize);
	if (tokenTypeIds) checkIds(name, "tokenTypeIds", tokenTypeIds, types);
	return attentionMask && hasPadding(name, "attentionMask", attentionMask) ? attentionMask : undefined;
}

/**
 * Whether a mask hides any token.
 *
 * @throws OptionError for other values than 0 and 1
 */
export function hasPadding(name: string, argument: string, mask: Tensor<"int32">): boolean {
	let padding = false;
	for (const mark of mask.dataSync()) {
		if (mark === 0) padding = true;
		else if (mark !== 1)
			throw new OptionError(`${name}: ${argument} holds ${mark}; expected 1 for tokens and 0 for padding`);
	}
	return padding;
}
