/** Kinds of characters, as bits: general categories of Unicode, and what counts as a blank. */
export const Kind = {
	letter: 1,
	number: 2,
	punctuation: 4,
	blank: 8,
	nonspacingMark: 16,
	mark: 32,
	/** Control, format, private. */
	control: 64,
	/** What words of regular expressions are made of. */
	word: 128,
	/** Characters that a normalisation form may move, or join with those before them; halfwidth and compatibility forms too. */
	joining: 256,
} as const;

const known = 512;
const tests: readonly (readonly [bit: number, test: RegExp])[] = [
	[Kind.letter, /^\p{L}$/u],
	[Kind.number, /^\p{N}$/u],
	[Kind.punctuation, /^[\p{P}!-/:-@[-`{-~]$/u],
	[Kind.blank, /^\p{White_Space}$/u],
	[Kind.nonspacingMark, /^\p{Mn}$/u],
	[Kind.mark, /^\p{M}$/u],
	[Kind.control, /^[\p{Cc}\p{Cf}\p{Co}]$/u],
	[Kind.word, /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d]$/u],
	[Kind.joining, /^[\p{M}\u1160-\u11ff\u3131-\u318e\ud7b0-\ud7ff\uff9e-\uffdc]$/u],
];
/** Kinds that were looked up; a table, as a regular expression for each character takes most of the time of a tokenizer. */
const table = new Uint16Array(0x110000);

/** Kinds of a code point, added. Punctuation is what BERT takes for it: symbols of ASCII too. */
export function kindsOf(codePoint: number): number {
	const found = table[codePoint] as number;
	if (found !== 0) return found;
	const character = String.fromCodePoint(codePoint);
	let kinds = known;
	for (const [bit, test] of tests) if (test.test(character)) kinds |= bit;
	table[codePoint] = kinds;
	return kinds;
}

export function isKind(codePoint: number, kinds: number): boolean {
	return (kindsOf(codePoint) & kinds) !== 0;
}

/** The code point at an index of a text. */
export function codePointAt(text: string, index: number): number {
	return text.codePointAt(index) as number;
}

/** UTF-16 units of a code point. */
export function unitsOf(codePoint: number): 1 | 2 {
	return codePoint > 0xffff ? 2 : 1;
}

/** Whether a unit is the first half of a character; texts are well-formed, so no half is alone. */
export function isHighSurrogate(text: string, index: number): boolean {
	return (text.charCodeAt(index) & 0xfc00) === 0xd800;
}

/** Whether a unit is the second half of a character. */
export function isLowSurrogate(text: string, index: number): boolean {
	return (text.charCodeAt(index) & 0xfc00) === 0xdc00;
}

/** Where blanks begin that end at `end`, not before `from`. Every blank is one UTF-16 unit. */
export function blanksBefore(text: string, end: number, from: number): number {
	let begin = end;
	while (begin > from && isKind(text.charCodeAt(begin - 1), Kind.blank)) begin--;
	return begin;
}

/** Where a run of characters ends that begins at `begin`: those of any of the kinds, or, with "none", those of none of them. */
export function runEnd(text: string, begin: number, kinds: number, of: "any" | "none" = "any"): number {
	let end = begin;
	while (end < text.length) {
		const codePoint = codePointAt(text, end);
		if (isKind(codePoint, kinds) !== (of === "any")) break;
		end += unitsOf(codePoint);
	}
	return end;
}
