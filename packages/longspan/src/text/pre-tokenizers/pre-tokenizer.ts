import type { AlignedText } from "../aligned-text.js";
import { isKind, Kind, runEnd } from "../characters.js";
import type { JsonFields } from "../json-fields.js";
import { charactersThat, type FindMatches, occurrences, readPattern } from "../pattern.js";
import { asBytes, splitWords } from "./byte-level.js";
import { readMetaspace } from "./metaspace.js";
import { type SplitBehavior, splitAt, splitBehaviors, type TakePart } from "./split.js";

/** Splits a text into the words that tokens are made of; no token is in two of them. */
export type PreTokenizer = (text: AlignedText, take: TakePart) => void;

const blank = charactersThat((codePoint) => isKind(codePoint, Kind.blank));
const punctuation = charactersThat((codePoint) => isKind(codePoint, Kind.punctuation));
const digit = charactersThat((codePoint) => isKind(codePoint, Kind.number));

const readers: Readonly<Record<string, (fields: JsonFields) => PreTokenizer>> = {
	BertPreTokenizer: () => inTurn([splitting(blank, "Removed"), splitting(punctuation, "Isolated")]),
	ByteLevel: readByteLevel,
	CharDelimiterSplit: (fields) => splitting(occurrences(fields.string("delimiter")), "Removed"),
	Digits: (fields) => splitting(digit, fields.flag("individual_digits", false) ? "Isolated" : "Contiguous"),
	Metaspace: readMetaspace,
	Punctuation: (fields) => splitting(punctuation, behaviorOf(fields, "Isolated")),
	Sequence: (fields) => inTurn(fields.objects("pretokenizers").map((each) => readPreTokenizer(each))),
	Split: readSplit,
	Whitespace: () => splitWordsAndSymbols,
	WhitespaceSplit: () => splitting(blank, "Removed"),
};

/** A field `pre_tokenizer` of tokenizer.json. */
export function readPreTokenizer(fields: JsonFields): PreTokenizer {
	return fields.byType(readers)(fields);
}

function readByteLevel(fields: JsonFields): PreTokenizer {
	const prepends = fields.flag("add_prefix_space", true);
	const splits = fields.flag("use_regex", true);
	return (text, take) => {
		const begun = prepends && !text.text.startsWith(" ") ? text.prepend(" ") : text;
		if (splits) splitWords(begun, (word) => take(asBytes(word)));
		else take(asBytes(begun));
	};
}

function readSplit(fields: JsonFields): PreTokenizer {
	const find = readPattern(fields, "pattern");
	return splitting(fields.flag("invert", false) ? between(find) : find, behaviorOf(fields));
}

function behaviorOf(fields: JsonFields, otherwise?: SplitBehavior): SplitBehavior {
	const name = fields.string("behavior", otherwise);
	return splitBehaviors.find((behavior) => behavior === name) ?? fields.refuse("behavior", splitBehaviors.join(", "));
}

function splitting(find: FindMatches, behavior: SplitBehavior): PreTokenizer {
	return (text, take) => splitAt(text, find, behavior, take);
}

function splitWordsAndSymbols(text: AlignedText, take: TakePart): void {
	for (let begin = 0, end = 0; begin < text.length; begin = end) {
		end = runEnd(text.text, begin, Kind.word);
		if (end === begin) end = runEnd(text.text, begin, Kind.word | Kind.blank, "none");
		if (end > begin) take(text.slice(begin, end));
		else end = runEnd(text.text, begin, Kind.blank);
	}
}

/** Each splits what the one before it gives. */
function inTurn(preTokenizers: readonly PreTokenizer[]): PreTokenizer {
	return preTokenizers.reduceRight<PreTokenizer>(
		(after, own) => (text, take) => own(text, (part) => after(part, take)),
		(text, take) => take(text),
	);
}

/** What a pattern does not match. */
function between(find: FindMatches): FindMatches {
	return (text, found) => {
		let last = 0;
		find(text, (begin, end) => {
			if (last < begin) found(last, begin);
			last = end;
		});
		if (last < text.length) found(last, text.length);
	};
}
