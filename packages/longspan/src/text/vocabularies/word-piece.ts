import type { JsonFields } from "../json-fields.js";
import { addToken, noTokens, readIds, UnknownTextError, type Vocabulary } from "./vocabulary.js";

/** WordPiece as BERT uses it (arXiv 1810.04805): the longest token first; a word that is not made of tokens is unknown as a whole. */
export function readWordPiece(fields: JsonFields): Vocabulary {
	const ids = readIds(fields);
	const unknown = fields.string("unk_token", "[UNK]");
	const prefix = fields.string("continuing_subword_prefix", "##");
	const maxCharacters = fields.number("max_input_chars_per_word", 100);
	const tokenizeAsUnknown = (word: string) => {
		const id = ids.get(unknown);
		if (id === undefined) throw new UnknownTextError(word);
		const whole = noTokens();
		addToken(whole, id, unknown, 0, word.length);
		return whole;
	};
	return {
		ids,
		unknown,
		tokenize(word) {
			if (word.length > 2 * maxCharacters || [...word].length > maxCharacters) return tokenizeAsUnknown(word);
			const tokens = noTokens();
			for (let begin = 0; begin < word.length; ) {
				let end = word.length;
				let [token, id] = ["", undefined as number | undefined];
				for (; end > begin; end--) {
					token = (begin > 0 ? prefix : "") + word.slice(begin, end);
					id = ids.get(token);
					if (id !== undefined) break;
				}
				if (id === undefined) return tokenizeAsUnknown(word);
				addToken(tokens, id, token, begin, end);
				begin = end;
			}
			return tokens;
		},
	};
}

/** Whole words. */
export function readWordLevel(fields: JsonFields): Vocabulary {
	const ids = readIds(fields);
	const unknown = fields.string("unk_token", "<unk>");
	return {
		ids,
		unknown,
		tokenize(word) {
			const own = ids.get(word);
			const id = own ?? ids.get(unknown);
			if (id === undefined) throw new UnknownTextError(word);
			const tokens = noTokens();
			addToken(tokens, id, own === undefined ? unknown : word, 0, word.length);
			return tokens;
		},
	};
}
