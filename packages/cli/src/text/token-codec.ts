import { isUtf8 } from "node:buffer";
import type { Tokenizer } from "../data/tokenizer.js";
import { InputError } from "../errors.js";
import type { TextCodec } from "./codec.js";

/** Ids before the text that decide how it begins, such as whether with a space. */
const contextIds = 8;
/** A character takes at most this many ids. More without an end are no text. */
const mostIdsOfCharacter = 8;
const unfinished = "\ufffd";

/** Ids of a tokenizer. */
export function tokenCodec(tokenizer: Tokenizer): TextCodec {
	return {
		encode(bytes) {
			if (!isUtf8(bytes)) throw new InputError("the text is not in UTF-8, which the tokenizer of this model needs");
			return tokenizer.encode(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
		},
		decoder(prompt) {
			// What an id adds depends on those before: it is what the text of both has more than that of the former.
			let shown = Array.from(prompt).slice(-contextIds);
			let pending: number[] = [];
			const added = () => tokenizer.decode([...shown, ...pending]).slice(tokenizer.decode(shown).length);
			const take = () => {
				const text = added();
				shown = [...shown, ...pending].slice(-contextIds);
				pending = [];
				return text;
			};
			return {
				push(id) {
					pending.push(id);
					return added().endsWith(unfinished) && pending.length < mostIdsOfCharacter ? "" : take();
				},
				end: take,
			};
		},
	};
}
