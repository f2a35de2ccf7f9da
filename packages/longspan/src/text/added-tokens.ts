import type { AlignedText } from "./aligned-text.js";
import { blanksBefore, codePointAt, isKind, isLowSurrogate, Kind, runEnd } from "./characters.js";
import type { JsonFields } from "./json-fields.js";
import { PrefixTree } from "./vocabularies/prefix-tree.js";

/** A token that is found in a text as it stands, before the text is split into words. */
export interface AddedToken {
	readonly id: number;
	readonly content: string;
	readonly special: boolean;
	/** Found in a normalised text. */
	readonly normalized: boolean;
	/** Not found within a word. */
	readonly singleWord: boolean;
	/** Takes the blanks before it, and after it. */
	readonly takesBefore: boolean;
	readonly takesAfter: boolean;
}

/** A field `added_tokens` of tokenizer.json. */
export function readAddedTokens(fields: JsonFields): AddedToken[] {
	return fields.objects("added_tokens").map((token) => {
		const special = token.flag("special", false);
		return {
			id: token.id("id"),
			content: token.string("content"),
			special,
			normalized: token.flag("normalized", !special),
			singleWord: token.flag("single_word", false),
			takesBefore: token.flag("lstrip", false),
			takesAfter: token.flag("rstrip", false),
		};
	});
}

/** Takes a part of a text: one added token, or what lies between them. */
export type TakeSection = (section: AlignedText, token: AddedToken | null) => void;

/**
 * Splits a text at some added tokens: the leftmost first, of several there the longest. No part is empty.
 *
 * @param contents how the tokens are written where they are looked for
 */
export function findAddedTokens(
	tokens: readonly AddedToken[],
	contents: readonly string[],
): (text: AlignedText, take: TakeSection) => void {
	const tree = new PrefixTree();
	for (const [index, content] of contents.entries()) tree.add(content, index);
	return (text, take) => {
		if (text.length === 0) return;
		if (tokens.length === 0) return take(text, null);
		const units = text.text;
		let [last, longest, which] = [0, 0, 0];
		const found = (end: number, index: number) => {
			[longest, which] = [end, index];
		};
		for (let at = 0; at < units.length; at = Math.max(at + 1, longest)) {
			longest = 0;
			tree.find(units, at, found);
			if (longest === 0) continue;
			const token = tokens[which] as AddedToken;
			if (token.singleWord && (isWordAt(units, at, "before") || isWordAt(units, longest, "after"))) continue;
			const begin = token.takesBefore ? blanksBefore(units, at, last) : at;
			const end = token.takesAfter ? runEnd(units, longest, Kind.blank) : longest;
			if (last < begin) take(text.slice(last, begin), null);
			take(text.slice(begin, end), token);
			last = end;
			longest = end;
		}
		if (last < units.length) take(text.slice(last, units.length), null);
	};
}

/** Whether there is a character of a word before or after a place. */
function isWordAt(text: string, at: number, side: "before" | "after"): boolean {
	if (side === "after") return at < text.length && isKind(codePointAt(text, at), Kind.word);
	if (at === 0) return false;
	return isKind(codePointAt(text, isLowSurrogate(text, at - 1) ? at - 2 : at - 1), Kind.word);
}
