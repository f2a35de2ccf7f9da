import { type AlignedText, TextChange } from "../aligned-text.js";
import { codePointAt, unitsOf } from "../characters.js";

/** The characters that a test holds for. */
export function keepCharacters(text: AlignedText, test: (codePoint: number) => boolean): AlignedText {
	const change = new TextChange(text);
	for (let at = 0; at < text.length; ) {
		const codePoint = codePointAt(text.text, at);
		at += unitsOf(codePoint);
		if (test(codePoint)) change.keep(at);
		else change.skip(at);
	}
	return change.finish();
}

/** Each character by itself: the form of a sigma does not depend on where it is in its word. */
export function lowercase(text: AlignedText): AlignedText {
	if (text.text.toLowerCase() === text.text) return text;
	const change = new TextChange(text);
	for (let at = 0; at < text.length; ) {
		const codePoint = codePointAt(text.text, at);
		const end = at + unitsOf(codePoint);
		const character = text.text.slice(at, end);
		const lower = character.toLowerCase();
		if (lower === character) change.keep(end);
		else replaceBy(change, lower);
		at = end;
	}
	return change.finish();
}

/** Writes some characters in the place of the next one. */
export function replaceBy(change: TextChange, characters: string): void {
	let isFirst = true;
	for (const character of characters) {
		if (isFirst) change.replace(character);
		else change.insert(character);
		isFirst = false;
	}
}
