import type { AlignedText } from "../aligned-text.js";
import type { JsonFields } from "../json-fields.js";
import { occurrences } from "../pattern.js";
import type { PreTokenizer } from "./pre-tokenizer.js";
import { splitAt } from "./split.js";

/** Blanks become a character that can be seen, and words begin with it (SentencePiece, arXiv 1808.06226). */
export function readMetaspace(fields: JsonFields): PreTokenizer {
	const replacement = fields.string("replacement", "▁");
	// The length stays, and so does where everything is.
	if (replacement.length !== 1) return fields.refuse("replacement", "one character");
	const scheme = fields.flag("add_prefix_space", true) ? fields.string("prepend_scheme", "always") : "never";
	if (!["always", "first", "never"].includes(scheme)) return fields.refuse("prepend_scheme", "always, first, never");
	const splits = fields.flag("split", true);
	const find = occurrences(replacement);
	const blanks = / /g;
	return (text, take) => {
		let written: AlignedText = text.withText(text.text.replace(blanks, replacement));
		const prepends = scheme === "always" || (scheme === "first" && text.begin(0) === 0);
		if (prepends && !written.text.startsWith(replacement)) written = written.prepend(replacement);
		if (splits) splitAt(written, find, "MergedWithNext", take);
		else take(written);
	};
}
