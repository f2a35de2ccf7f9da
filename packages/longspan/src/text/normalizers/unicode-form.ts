import { TextChange } from "../aligned-text.js";
import { codePointAt, isKind, Kind, unitsOf } from "../characters.js";
import type { Normalizer } from "./normalizer.js";

type Form = "NFC" | "NFD" | "NFKC" | "NFKD";

/** A character of the result; `change`: 1 if it was inserted, else minus the number of characters that it swallows. */
interface Change {
	character: string;
	change: number;
}

/** Longer segments are rare, and the engine takes quadratic time for many marks. */
const maxKnownLength = 8;
const maxKnownSegments = 20_000;
const notAscii = /[^\0-\x7f]/;
const composing: Readonly<Record<Form, boolean>> = { NFC: true, NFD: false, NFKC: true, NFKD: false };

/**
 * A normalisation form of Unicode (UAX 15) that keeps track of where characters come from. The language has the forms alone, so
 * their parts are taken from those of single characters and pairs.
 */
export function toUnicodeForm(form: Form): Normalizer {
	const decomposition = form === "NFC" || form === "NFD" ? "NFD" : "NFKD";
	const changesOf = (segment: string): readonly Change[] | null => {
		if (segment.length <= maxKnownLength && segment.normalize(form) === segment) return null;
		const decomposed = decompose(segment, decomposition);
		return composing[form] ? compose(decomposed) : decomposed;
	};
	const known = new Map<string, readonly Change[] | null>();
	const knownChangesOf = (segment: string) => {
		let changes = known.get(segment);
		if (changes === undefined) {
			changes = changesOf(segment);
			if (known.size >= maxKnownSegments) known.clear();
			known.set(segment, changes);
		}
		return changes;
	};
	return (text) => {
		if (!notAscii.test(text.text)) return text;
		const change = new TextChange(text);
		for (let begin = 0, end = 0; begin < text.length; begin = end) {
			end = segmentEnd(text.text, begin);
			if (end === begin + 1 && text.text.charCodeAt(begin) <= 0x7f) {
				change.keep(end);
				continue;
			}
			const segment = text.text.slice(begin, end);
			const changes = segment.length <= maxKnownLength ? knownChangesOf(segment) : changesOf(segment);
			if (changes === null) change.keep(end);
			else
				for (const { character, change: count } of changes)
					if (count > 0) change.insert(character);
					else change.replace(character, -count);
		}
		return change.finish();
	};
}

/** Where the characters end that one character can have to do with. */
function segmentEnd(text: string, begin: number): number {
	let end = begin + unitsOf(codePointAt(text, begin));
	while (end < text.length && text.charCodeAt(end) > 0x7f) {
		const codePoint = codePointAt(text, end);
		if (!isKind(codePoint, Kind.joining)) break;
		end += unitsOf(codePoint);
	}
	return end;
}

function decompose(segment: string, form: "NFD" | "NFKD"): Change[] {
	const changes: Change[] = [];
	let firstMark = 0;
	const sortMarks = () => {
		const marks = changes.splice(firstMark);
		marks.sort((one, other) => compareMarks(one.character, other.character));
		for (const mark of marks) changes.push(mark);
	};
	for (const source of segment) {
		let change = 0;
		for (const character of source.normalize(form)) {
			if (isStarter(character)) {
				sortMarks();
				firstMark = changes.length + 1;
			}
			changes.push({ character, change });
			change = 1;
		}
	}
	sortMarks();
	return changes;
}

function compose(decomposed: readonly Change[]): Change[] {
	const composed: Change[] = [];
	let base: Change | null = null;
	let last: string | null = null;
	for (const { character, change } of decomposed) {
		const starts = isStarter(character);
		// A mark of the same class before this one keeps it from the base, and any mark keeps a starter from it.
		const isBlocked = last !== null && (starts || compareMarks(last, character) === 0);
		const joined: string | null = base && !isBlocked ? join(base.character, character) : null;
		if (base && joined !== null) {
			base.character = joined;
			base.change += change - 1;
			continue;
		}
		const own = { character, change };
		composed.push(own);
		if (starts) [base, last] = [own, null];
		else if (base) last = character;
	}
	return composed;
}

function join(base: string, character: string): string | null {
	const joined = (base + character).normalize("NFC");
	return joined.length === unitsOf(codePointAt(joined, 0)) ? joined : null;
}

/** The mark of the highest combining class, which is its own. */
const highest = "\u0345";

/** Whether the combining class of a decomposed character is 0. */
function isStarter(character: string): boolean {
	return character < "\u0300" || (character !== highest && !movesBefore(character, highest));
}

/** Compares the combining classes of two marks. */
function compareMarks(one: string, other: string): number {
	return movesBefore(other, one) ? 1 : movesBefore(one, other) ? -1 : 0;
}

/** Whether a mark is put before another one that precedes it. */
function movesBefore(mark: string, other: string): boolean {
	return mark !== other && (other + mark).normalize("NFD").startsWith(mark);
}
