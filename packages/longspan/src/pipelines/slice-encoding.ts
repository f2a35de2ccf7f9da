import type { Encoding } from "../text/tokenizer.js";

/** Tokens from `begin` to before `end`. */
export function sliceEncoding(encoding: Encoding, begin: number, end: number): Encoding {
	if (begin === 0 && end === encoding.ids.length) return encoding;
	return {
		ids: encoding.ids.slice(begin, end),
		tokens: encoding.tokens.slice(begin, end),
		offsets: encoding.offsets.slice(begin, end),
		typeIds: encoding.typeIds.slice(begin, end),
		sources: encoding.sources.slice(begin, end),
	};
}

/** No tokens. */
export const emptyEncoding: Encoding = { ids: [], tokens: [], offsets: [], typeIds: [], sources: [] };
