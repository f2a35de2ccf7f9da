import { type AlignedText, TextChange } from "../aligned-text.js";
import { blanksBefore, isKind, Kind, runEnd } from "../characters.js";
import type { JsonFields } from "../json-fields.js";
import { readPattern } from "../pattern.js";
import { readBertNormalizer } from "./bert.js";
import { keepCharacters, lowercase } from "./characterwise.js";
import { readPrecompiled } from "./precompiled.js";
import { toUnicodeForm } from "./unicode-form.js";

/** Changes a text before it is split, such as to lower case. */
export type Normalizer = (text: AlignedText) => AlignedText;

const readers: Readonly<Record<string, (fields: JsonFields) => Normalizer>> = {
	BertNormalizer: readBertNormalizer,
	Lowercase: () => lowercase,
	NFC: () => toUnicodeForm("NFC"),
	NFD: () => toUnicodeForm("NFD"),
	NFKC: () => toUnicodeForm("NFKC"),
	NFKD: () => toUnicodeForm("NFKD"),
	Precompiled: readPrecompiled,
	Prepend(fields) {
		const prefix = fields.string("prepend");
		return (text) => (prefix === "" ? text : text.prepend(prefix));
	},
	Replace: readReplace,
	Sequence(fields) {
		const normalizers = fields.objects("normalizers").map((each) => readNormalizer(each));
		return (text) => normalizers.reduce((changed, normalizer) => normalizer(changed), text);
	},
	Strip: readStrip,
	StripAccents: () => (text) => keepCharacters(text, (codePoint) => !isKind(codePoint, Kind.mark)),
};

/** A field `normalizer` of tokenizer.json. */
export function readNormalizer(fields: JsonFields): Normalizer {
	return fields.byType(readers)(fields);
}

function readReplace(fields: JsonFields): Normalizer {
	const find = readPattern(fields, "pattern");
	const content = [...fields.string("content")];
	return (text) => {
		const change = new TextChange(text);
		find(text.text, (begin, end) => {
			change.keep(begin);
			// What replaces a match is where the last character of it was.
			change.skip(end);
			for (const character of content) change.insert(character);
		});
		change.keep(text.length);
		return change.finish();
	};
}

function readStrip(fields: JsonFields): Normalizer {
	const left = fields.flag("strip_left", false);
	const right = fields.flag("strip_right", false);
	return (text) => {
		const begin = left ? runEnd(text.text, 0, Kind.blank) : 0;
		return text.slice(begin, right ? blanksBefore(text.text, text.length, begin) : text.length);
	};
}
