import { OptionError } from "../errors.js";
import type { JsonFields } from "./json-fields.js";
import { compileRegex } from "./library.js";

/** Tells of each match in a text, from its begin to its end. */
export type FindMatches = (text: string, found: (begin: number, end: number) => void) => void;

/** A field such as `{"Regex": " {2,}"}` or `{"String": " "}`. */
export function readPattern(fields: JsonFields, name: string): FindMatches {
	const pattern = fields.object(name);
	if (pattern.has("String")) return occurrences(pattern.string("String"));
	return regexMatches(compile(pattern.string("Regex"), pattern), `${pattern.source}: ${pattern.path}.Regex`);
}

/** Where a text without special characters occurs. */
export function occurrences(of: string): FindMatches {
	return (text, found) => {
		if (of === "") return;
		for (let at = text.indexOf(of); at >= 0; at = text.indexOf(of, at + of.length)) found(at, at + of.length);
	};
}

/** Each single character that a test holds for. */
export function charactersThat(test: (codePoint: number) => boolean): FindMatches {
	return (text, found) => {
		for (let at = 0; at < text.length; ) {
			const codePoint = text.codePointAt(at) as number;
			const end = at + (codePoint > 0xffff ? 2 : 1);
			if (test(codePoint)) found(at, end);
			at = end;
		}
	};
}

function compile(expression: string, pattern: JsonFields): RegExp {
	try {
		return compileRegex(expression);
	} catch {
		return pattern.refuse("Regex", "a regular expression");
	}
}

function regexMatches(expression: RegExp, name: string): FindMatches {
	return (text, found) => {
		try {
			for (const match of text.matchAll(expression)) found(match.index, match.index + match[0].length);
		} catch (error) {
			// Engines give up on single matches of millions of characters.
			if (!(error instanceof RangeError)) throw error;
			throw new OptionError(`${name} matches too long a part of the text; expected a text with some blanks`);
		}
	};
}
