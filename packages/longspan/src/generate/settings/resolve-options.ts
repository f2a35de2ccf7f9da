import { OptionError } from "../../errors.js";
import { checkOptions, type OptionNames } from "../../ops/operands.js";
import { generationChecks } from "./check-options.js";
import type { GenerationOptions, GenerationSettings, TokenIds } from "./generation-options.js";

/** Every option of generation, for `checkOptions`. */
export const generationOptionNames = Object.fromEntries(
	Object.keys(generationChecks).map((name) => [name, true]),
) as unknown as OptionNames<GenerationOptions>;

/**
 * Checks options and adds the defaults of transformers.
 *
 * @throws OptionError for an unknown option, one out of its range, or options that do not go together
 */
export function resolveGenerationOptions(operation: string, options: GenerationOptions): GenerationSettings {
	checkOptions(operation, options, generationOptionNames);
	for (const name of Object.keys(generationChecks) as (keyof GenerationOptions)[])
		if (options[name] !== undefined) generationChecks[name](operation, name, options[name]);
	const settings: GenerationSettings = {
		maxLength: options.maxLength,
		maxNewTokens: options.maxNewTokens,
		minLength: options.minLength ?? 0,
		minNewTokens: options.minNewTokens,
		doSample: options.doSample ?? false,
		temperature: options.temperature ?? 1,
		topK: options.topK ?? 50,
		topP: options.topP ?? 1,
		minP: options.minP ?? 0,
		typicalP: options.typicalP ?? 1,
		seed: options.seed ?? 0,
		numBeams: options.numBeams ?? 1,
		earlyStopping: options.earlyStopping ?? false,
		lengthPenalty: options.lengthPenalty ?? 1,
		numReturnSequences: options.numReturnSequences ?? 1,
		repetitionPenalty: options.repetitionPenalty ?? 1,
		noRepeatNgramSize: options.noRepeatNgramSize ?? 0,
		encoderNoRepeatNgramSize: options.encoderNoRepeatNgramSize ?? 0,
		badWordsIds: options.badWordsIds ?? [],
		suppressTokens: options.suppressTokens ?? [],
		beginSuppressTokens: options.beginSuppressTokens ?? [],
		forcedBosTokenId: options.forcedBosTokenId ?? null,
		forcedEosTokenId: listOf(options.forcedEosTokenId),
		eosTokenId: listOf(options.eosTokenId),
		padTokenId: options.padTokenId ?? null,
		bosTokenId: options.bosTokenId ?? null,
		decoderStartTokenId: options.decoderStartTokenId ?? options.bosTokenId ?? null,
	};
	const { doSample, numBeams, numReturnSequences } = settings;
	if (numBeams > 1 && numReturnSequences > numBeams)
		throw new OptionError(
			`${operation}: numReturnSequences is ${numReturnSequences}; expected at most numBeams, ${numBeams}`,
		);
	if (numBeams === 1 && !doSample && numReturnSequences > 1)
		throw new OptionError(
			`${operation}: numReturnSequences is ${numReturnSequences}; expected 1 where always the likeliest token is taken: set doSample or numBeams for several`,
		);
	return settings;
}

function listOf(ids: TokenIds | undefined): readonly number[] {
	if (ids === undefined || ids === null) return [];
	return typeof ids === "number" ? [ids] : ids;
}
