import { AlignedText } from "../aligned-text.js";
import { byteCharacters, isPlain, writeBytes } from "../byte-characters.js";
import { codePointAt, Kind, runEnd, unitsOf } from "../characters.js";
import type { TakePart } from "./split.js";

const contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

/**
 * Words as GPT-2 splits them: contractions, letters, numbers, others, each with a blank before them, and blanks. By hand, as a
 * regular expression fails for words of millions of characters.
 */
export function splitWords(text: AlignedText, take: TakePart): void {
	const units = text.text;
	for (let begin = 0, end = 0; begin < units.length; begin = end) {
		end = wordEnd(units, begin);
		take(text.slice(begin, end));
	}
}

function wordEnd(text: string, begin: number): number {
	if (text[begin] === "'") {
		const contraction = contractions.find((ending) => text.startsWith(ending, begin));
		if (contraction) return begin + contraction.length;
	}
	const start = text[begin] === " " && begin + 1 < text.length ? begin + 1 : begin;
	for (const kind of [Kind.letter, Kind.number]) {
		const end = runEnd(text, start, kind);
		if (end > start) return end;
	}
	const end = runEnd(text, start, Kind.letter | Kind.number | Kind.blank, "none");
	if (end > start) return end;
	const blanksEnd = runEnd(text, begin, Kind.blank);
	// The last of several blanks belongs to what follows.
	return blanksEnd < text.length && blanksEnd - begin > 1 ? blanksEnd - 1 : blanksEnd;
}

const encoder = new TextEncoder();

/** A text as the characters that stand for its bytes, each where the character is that the byte belongs to. */
export function asBytes(text: AlignedText): AlignedText {
	const units = text.text;
	if (isPlain(units)) return text.withText(writeBytes(units));
	const bytes = encoder.encode(units);
	const begins = new Int32Array(bytes.length);
	const ends = new Int32Array(bytes.length);
	let written = "";
	for (let at = 0, unit = 0; at < bytes.length; ) {
		const codePoint = codePointAt(units, unit);
		const next = unit + unitsOf(codePoint);
		const [begin, end] = [text.begin(unit), text.end(next - 1)];
		for (const last = at + bytesOf(codePoint); at < last; at++) {
			begins[at] = begin;
			ends[at] = end;
			written += byteCharacters[bytes[at] as number];
		}
		unit = next;
	}
	return new AlignedText(written, begins, ends);
}

/** Bytes of a code point in UTF-8. */
function bytesOf(codePoint: number): number {
	return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
}
