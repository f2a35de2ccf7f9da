import { type AlignedText, TextChange } from "../aligned-text.js";
import { codePointAt, isKind, Kind, unitsOf } from "../characters.js";
import type { JsonFields } from "../json-fields.js";
import { keepCharacters, lowercase, replaceBy } from "./characterwise.js";
import type { Normalizer } from "./normalizer.js";
import { toUnicodeForm } from "./unicode-form.js";

const ideographs: readonly (readonly [from: number, to: number])[] = [
	[0x4e00, 0x9fff],
	[0x3400, 0x4dbf],
	[0x20000, 0x2a6df],
	[0x2a700, 0x2b73f],
	[0x2b740, 0x2b81f],
	[0x2b920, 0x2ceaf],
	[0xf900, 0xfaff],
	[0x2f800, 0x2fa1f],
];

/** The basic tokenizer of BERT (arXiv 1810.04805): control characters, blanks around ideographs, accents, lower case. */
export function readBertNormalizer(fields: JsonFields): Normalizer {
	const lowers = fields.flag("lowercase", true);
	const steps: Normalizer[] = [];
	if (fields.flag("clean_text", true)) steps.push(clean);
	if (fields.flag("handle_chinese_chars", true)) steps.push(separateIdeographs);
	if (fields.flag("strip_accents", lowers)) steps.push(toUnicodeForm("NFD"), withoutAccents);
	if (lowers) steps.push(lowercase);
	return (text) => steps.reduce((changed, step) => step(changed), text);
}

const lineBlanks = "\t\n\r";

function clean(text: AlignedText): AlignedText {
	const change = new TextChange(text);
	for (let at = 0; at < text.length; ) {
		const codePoint = codePointAt(text.text, at);
		const end = at + unitsOf(codePoint);
		if (
			isKind(codePoint, Kind.blank) &&
			(!isKind(codePoint, Kind.control) || lineBlanks.includes(text.text[at] as string))
		) {
			if (codePoint === 0x20) change.keep(end);
			else change.replace(" ");
		} else if (codePoint === 0xfffd || isKind(codePoint, Kind.control)) change.skip(end);
		else change.keep(end);
		at = end;
	}
	return change.finish();
}

function separateIdeographs(text: AlignedText): AlignedText {
	const change = new TextChange(text);
	for (let at = 0; at < text.length; ) {
		const codePoint = codePointAt(text.text, at);
		at += unitsOf(codePoint);
		if (ideographs.some(([from, to]) => codePoint >= from && codePoint <= to))
			replaceBy(change, ` ${String.fromCodePoint(codePoint)} `);
		else change.keep(at);
	}
	return change.finish();
}

function withoutAccents(text: AlignedText): AlignedText {
	return keepCharacters(text, (codePoint) => !isKind(codePoint, Kind.nonspacingMark));
}
