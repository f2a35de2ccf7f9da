/** A token whose meaning is not its text. */
export interface SpecialToken {
	readonly token: string;
	readonly id: number;
}

/** Roles of special tokens, as tokenizer_config.json names them without `_token`. */
export type SpecialRole = "bos" | "eos" | "unk" | "sep" | "pad" | "cls" | "mask";

/** A text, or a pair of texts, as tokens. Every list has one entry for each token. */
export interface Encoding {
	readonly ids: readonly number[];
	readonly tokens: readonly string[];
	/** Where a token is in the text it comes from, in UTF-16 units, the end exclusive; [0, 0] for special tokens that were added. */
	readonly offsets: readonly (readonly [begin: number, end: number])[];
	/** Which of the two texts a token belongs to, as the model is told. */
	readonly typeIds: readonly number[];
	/** Which text a token comes from: 0, 1, or null for special tokens that were added. */
	readonly sources: readonly (0 | 1 | null)[];
}

export interface EncodeOptions {
	/** A second text. */
	pair?: string | undefined;
	/** Whether the tokens that the model expects around a text are added. Default: true. */
	addSpecialTokens?: boolean | undefined;
}

export interface DecodeOptions {
	/** Default: false. */
	skipSpecialTokens?: boolean | undefined;
	/** Whether blanks before punctuation and contractions are left out. Default: as the tokenizer was saved. */
	cleanUpSpaces?: boolean | undefined;
}

/** A tokenizer.json with its settings. */
export interface Tokenizer {
	readonly special: { readonly [role in SpecialRole]?: SpecialToken };
	/** Longest input the tokenizer was saved with; undefined if it was saved without. */
	readonly maxLength: number | undefined;
	readonly vocabularySize: number;
	/** Whether models are told the types of tokens, if the tokenizer was saved with a word on it (`model_input_names`). */
	readonly givesTypeIds?: boolean | undefined;
	encode(text: string, options?: EncodeOptions): Encoding;
	decode(ids: readonly number[], options?: DecodeOptions): string;
	/** The id of a token; undefined if the vocabulary has no such token. */
	idOf(token: string): number | undefined;
	/** The token of an id; undefined outside of the vocabulary. */
	tokenOf(id: number): string | undefined;
	/** Whether an id is that of a special token. */
	isSpecial(id: number): boolean;
	/** Tokens of one or two texts with the special tokens around them that the model expects; `encode` with them is this. */
	withSpecialTokens(text: Encoding, pair?: Encoding): Encoding;
}
