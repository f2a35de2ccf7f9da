import { TextChange } from "../aligned-text.js";
import { codePointAt, unitsOf } from "../characters.js";
import type { JsonFields } from "../json-fields.js";
import type { Normalizer } from "./normalizer.js";
import { readReplacements } from "./replacements.js";

/** Characters that join the one before them: marks, joiners, vowels of Thai and Lao, halfwidth marks, skin tones. */
const joining = /\p{M}|\p{Emoji_Modifier}|\u200c|\u200d|[\u0e33\u0eb3\uff9e\uff9f]/u;
const separating = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const maxClusterBytes = 5;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The table of replacements of a SentencePiece model (arXiv 1808.06226), as Hugging Face's tokenizers use it: a short cluster of
 * characters is replaced as a whole by what its beginning stands for. Offsets after a character that is left out stay right here,
 * where that library shifts them if the character is the first.
 */
export function readPrecompiled(fields: JsonFields): Normalizer {
	if (!fields.has("precompiled_charsmap")) return (text) => text;
	const find = readReplacements(fields, "precompiled_charsmap");
	// Clusters of at most five bytes: few differ.
	const known = new Map<string, string | null>();
	const replacementOf = (part: string) => {
		let found = known.get(part);
		if (found === undefined) {
			const bytes = find(encoder.encode(part));
			found = bytes && decoder.decode(bytes);
			if (known.size >= 50_000) known.clear();
			known.set(part, found);
		}
		return found;
	};
	return (text) => {
		const change = new TextChange(text);
		const visit = (begin: number, end: number, isCharacter: boolean): boolean => {
			const part = text.text.slice(begin, end);
			const replacement = replacementOf(part);
			if (replacement !== null) replace(change, part, replacement);
			else if (isCharacter) change.keep(end);
			return replacement !== null;
		};
		for (let begin = 0, end = 0; begin < text.length; begin = end) {
			const characterEnd = begin + unitsOf(codePointAt(text.text, begin));
			end = clusterEnd(text.text, begin, characterEnd);
			if (end > characterEnd && byteLength(text.text, begin, end) <= maxClusterBytes && visit(begin, end, false))
				continue;
			for (let at = begin, next = characterEnd; at < end; at = next) {
				next = at + unitsOf(codePointAt(text.text, at));
				visit(at, next, true);
			}
		}
		return change.finish();
	};
}

/** Where the cluster ends whose first character ends at `end`. */
function clusterEnd(text: string, begin: number, end: number): number {
	if (text.startsWith("\r\n", begin)) return begin + 2;
	let last = end;
	if (last === text.length || text.charCodeAt(last) < 0x300 || separating.test(text.slice(begin, end))) return last;
	while (last < text.length) {
		const codePoint = codePointAt(text, last);
		if (!joining.test(String.fromCodePoint(codePoint))) break;
		last += unitsOf(codePoint);
	}
	return last;
}

/** Bytes in UTF-8; the most that matter, of longer texts. */
function byteLength(text: string, begin: number, end: number): number {
	return encoder.encode(text.slice(begin, Math.min(end, begin + maxClusterBytes + 1))).length;
}

/** Writes a replacement: characters one by one, what is more of either at the end of the other. */
function replace(change: TextChange, old: string, replacement: string): void {
	const characters = [...replacement];
	const olds = [...old].length;
	if (characters.length === 0) change.remove(olds);
	for (const [index, character] of characters.entries())
		if (index >= olds) change.insert(character);
		else change.replace(character, index === characters.length - 1 ? olds - characters.length : 0);
}
