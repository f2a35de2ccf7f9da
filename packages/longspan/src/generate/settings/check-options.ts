import { OptionError } from "../../errors.js";
import { checkChoice, checkFlag, checkNumber, describe } from "../../ops/operands.js";
import { checkPart } from "../sampling/sampling-options.js";
import type { GenerationOptions } from "./generation-options.js";

/** Throws `OptionError` for a value an option cannot have. */
type Check = (operation: string, name: string, value: unknown) => void;

/** Every option of generation with the values it can have, undefined aside. */
export const generationChecks: { readonly [name in keyof GenerationOptions]-?: Check } = {
	maxLength: integer(1),
	maxNewTokens: integer(1),
	minLength: integer(0),
	minNewTokens: integer(0),
	doSample: checkFlag,
	temperature: number(0),
	topK: integer(0),
	topP: checkPart,
	minP: number(0, 1),
	typicalP: checkPart,
	seed: integer(0),
	numBeams: integer(1),
	earlyStopping: (operation, name, value) =>
		typeof value === "boolean" ? undefined : checkChoice(operation, name, value, ["never"]),
	lengthPenalty: number(),
	numReturnSequences: integer(1),
	repetitionPenalty: (operation, name, value) => {
		number(0)(operation, name, value);
		if (value === 0) throw new OptionError(`${operation}: ${name} is 0; expected a number above 0`);
	},
	noRepeatNgramSize: integer(0),
	encoderNoRepeatNgramSize: integer(0),
	badWordsIds: orNull(
		"lists of token ids, none empty",
		(value) => Array.isArray(value) && value.every((word) => isIds(word) && word.length > 0),
	),
	suppressTokens: orNull("a list of token ids", isIds),
	beginSuppressTokens: orNull("a list of token ids", isIds),
	forcedBosTokenId: orNull("a token id", isId),
	forcedEosTokenId: orNull("a token id or a list of them", (value) => isId(value) || isIds(value)),
	eosTokenId: orNull("a token id or a list of them", (value) => isId(value) || isIds(value)),
	padTokenId: orNull("a token id", isId),
	bosTokenId: orNull("a token id", isId),
	decoderStartTokenId: orNull("a token id", isId),
};

function integer(min: number): Check {
	return (operation, name, value) =>
		checkNumber(operation, name, value as number, { min, max: Number.MAX_SAFE_INTEGER, integer: true });
}

function number(min?: number, max?: number): Check {
	return (operation, name, value) =>
		checkNumber(operation, name, value as number, {
			...(min === undefined ? {} : { min }),
			...(max === undefined ? {} : { max }),
		});
}

function orNull(expected: string, fits: (value: unknown) => boolean): Check {
	return (operation, name, value) => {
		if (value !== null && !fits(value))
			throw new OptionError(
				`${operation}: ${name} is ${Array.isArray(value) ? JSON.stringify(value) : describe(value)}; expected ${expected}, or null for none`,
			);
	};
}

function isId(value: unknown): value is number {
	return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31;
}

function isIds(value: unknown): value is readonly number[] {
	return Array.isArray(value) && value.every(isId);
}
