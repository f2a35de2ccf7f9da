import type { SamplingOptions } from "../sampling/sampling-options.js";

/** A token id, several, or null for none. */
export type TokenIds = number | readonly number[] | null;

/** How texts are generated: the arguments of transformers' `generate`, in camel case, with its meanings and defaults. */
export interface GenerationOptions extends SamplingOptions {
	/** The most tokens of a sequence with its prompt (of an encoder–decoder, with its start token). Default: the prompt and 20. */
	maxLength?: number | undefined;
	/** The most tokens after the prompt; wins over `maxLength`. */
	maxNewTokens?: number | undefined;
	/** No sequence ends before it has so many tokens with its prompt. Default: 0. */
	minLength?: number | undefined;
	/** No sequence ends before so many tokens after the prompt; wins over `minLength`. */
	minNewTokens?: number | undefined;
	/** Draws tokens, with `temperature`, `topK` and so on, which count for nothing otherwise. Default: false, the likeliest. */
	doSample?: boolean | undefined;
	/** 0 for all. Default: 50. */
	topK?: number | undefined;
	/** Keeps so many sequences of each entry on the way (beam search). Default: 1. */
	numBeams?: number | undefined;
	/**
	 * When an entry's beam search ends: true, as soon as `numBeams` sequences have ended; false, when those going on are no longer
	 * expected to be better than these; "never", when they cannot be. Default: false.
	 */
	earlyStopping?: boolean | "never" | undefined;
	/** Beam search ranks by the sum of log-probabilities / (tokens after the prompt)^`lengthPenalty`. Default: 1. */
	lengthPenalty?: number | undefined;
	/** Sequences for each entry: the best of its beams, or so many drawn. Default: 1. */
	numReturnSequences?: number | undefined;
	/** Divides scores above 0 of tokens that are there by it, multiplies others (Keskar et al. 2019, arXiv 1909.05858). Default: 1. */
	repetitionPenalty?: number | undefined;
	/** No run of so many tokens comes twice in a sequence; 0 for any. Default: 0. */
	noRepeatNgramSize?: number | undefined;
	/** No run of so many tokens is taken over from the encoder's input; 0 for any. Default: 0. */
	encoderNoRepeatNgramSize?: number | undefined;
	/** Runs of tokens that never come. Default: none. */
	badWordsIds?: readonly (readonly number[])[] | null | undefined;
	/** Tokens that never come. Default: none. */
	suppressTokens?: readonly number[] | null | undefined;
	/** Tokens that never come first. Default: none. */
	beginSuppressTokens?: readonly number[] | null | undefined;
	/** The token after a prompt of one token. Default: any. */
	forcedBosTokenId?: number | null | undefined;
	/** The last token of sequences that reach `maxLength`. Default: any. */
	forcedEosTokenId?: TokenIds | undefined;
	/** Tokens that end a sequence. Default: none. */
	eosTokenId?: TokenIds | undefined;
	/** What sequences that have ended are fed while others go on; without effect on the result. Default: the first of `eosTokenId`, or 0. */
	padTokenId?: number | null | undefined;
	/** What texts begin with. Default: none. */
	bosTokenId?: number | null | undefined;
	/** What the decoder of an encoder–decoder begins with. Default: `bosTokenId`. */
	decoderStartTokenId?: number | null | undefined;
}

/** Options of generation with their defaults. */
export interface GenerationSettings extends GenerationOptions {
	readonly minLength: number;
	readonly doSample: boolean;
	readonly temperature: number;
	readonly topK: number;
	readonly topP: number;
	readonly minP: number;
	readonly typicalP: number;
	readonly seed: number;
	readonly numBeams: number;
	readonly earlyStopping: boolean | "never";
	readonly lengthPenalty: number;
	readonly numReturnSequences: number;
	readonly repetitionPenalty: number;
	readonly noRepeatNgramSize: number;
	readonly encoderNoRepeatNgramSize: number;
	readonly badWordsIds: readonly (readonly number[])[];
	readonly suppressTokens: readonly number[];
	readonly beginSuppressTokens: readonly number[];
	readonly forcedBosTokenId: number | null;
	readonly forcedEosTokenId: readonly number[];
	readonly eosTokenId: readonly number[];
	readonly padTokenId: number | null;
	readonly bosTokenId: number | null;
	readonly decoderStartTokenId: number | null;
}
