import { OptionError } from "../../errors.js";
import { describe } from "../../ops/operands.js";
import { isId, type JsonFields } from "../json-fields.js";

/** The tokens of a word. */
export interface WordTokens {
	readonly ids: number[];
	readonly tokens: string[];
	/** Where each is in the word, in UTF-16 units. */
	readonly begins: number[];
	readonly ends: number[];
}

export function noTokens(): WordTokens {
	return { ids: [], tokens: [], begins: [], ends: [] };
}

export function addToken(to: WordTokens, id: number, token: string, begin: number, end: number): void {
	to.ids.push(id);
	to.tokens.push(token);
	to.begins.push(begin);
	to.ends.push(end);
}

/** What a tokenizer.json calls a model: tokens with their ids, and which of them a word is made of. */
export interface Vocabulary {
	readonly ids: ReadonlyMap<string, number>;
	/** The token for what has none; undefined if there is none for it. */
	readonly unknown: string | undefined;
	tokenize(word: string): WordTokens;
}

/** A field `vocab` with an id for each token. */
export function readIds(fields: JsonFields): Map<string, number> {
	const entries = Object.entries(fields.object("vocab").json);
	for (const [token, id] of entries)
		if (!isId(id))
			throw new OptionError(
				`${fields.source}: ${fields.path}.vocab has ${describe(id)} for ${JSON.stringify(token)}; expected the number of a token`,
			);
	return new Map(entries as [string, number][]);
}

/** The bytes of a text as vocabularies with a token for each byte write them. */
export function byteTokens(text: string): string[] {
	return Array.from(
		new TextEncoder().encode(text),
		(byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
	);
}

/** A word has no token, and the vocabulary has none for what is unknown. */
export class UnknownTextError extends OptionError {
	constructor(part: string) {
		super(
			`encode: the vocabulary has no token for a part of the text, and none for what is unknown: ${JSON.stringify(part.slice(0, 40))}; expected text that the tokenizer was made for`,
		);
	}
}
