import type { Line } from "./page-lines.js";

/** Lines whose distance is so many times the usual one belong to two paragraphs. */
const paragraphGap = 1.35;
/** So do lines whose letters are so many times as large as those of the other. */
const headingScale = 1.15;

/** Text of pages. */
export interface PagesText {
	readonly text: string;
	/** Where each page begins in the text. */
	readonly pages: readonly number[];
}

/**
 * Puts lines of pages together: words that a hyphen parts at the end of a line are joined, lines of a paragraph are joined by blanks,
 * also over the ends of columns and pages, and paragraphs are an empty line apart.
 */
export function joinLines(lines: readonly Line[], pageCount: number): PagesText {
	const usualGap = median(gapsOf(lines));
	const words = wordsOf(lines);
	const pieces: string[] = [];
	const pages: number[] = [];
	let length = 0;
	let before: Line | undefined;
	const add = (piece: string) => {
		pieces.push(piece);
		length += piece.length;
	};
	for (const line of lines) {
		if (before) {
			const [hyphenated, joined] = joinedWord(before.text, line.text);
			if (hyphenated === undefined) add(endsParagraph(before, line, usualGap) ? "\n\n" : " ");
			else if (!words.has(hyphenated) || words.has(joined)) {
				const last = (pieces.pop() as string).slice(0, -1);
				length -= 1;
				pieces.push(last);
			}
		}
		while (pages.length <= line.page) pages.push(length);
		add(line.text);
		before = line;
	}
	while (pages.length < pageCount) pages.push(length);
	return { text: pieces.join(""), pages };
}

/** The word that goes on in the next line, with its hyphen and without; undefined if there is none. */
function joinedWord(text: string, next: string): [hyphenated: string, joined: string] | [undefined] {
	const begin = /[\p{L}\p{N}]*\p{L}(?=[-\u00ad\u2010]$)/u.exec(text)?.[0];
	const end = /^\p{Ll}[\p{L}\p{N}]*/u.exec(next)?.[0];
	return begin !== undefined && end !== undefined
		? [`${begin}-${end}`.toLowerCase(), (begin + end).toLowerCase()]
		: [undefined];
}

/** The words within lines: which of them have hyphens of their own. */
function wordsOf(lines: readonly Line[]): Set<string> {
	const words = lines.flatMap(({ text }) => text.toLowerCase().match(/[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*/gu) ?? []);
	return new Set(words);
}

function endsParagraph(before: Line, line: Line, usualGap: number): boolean {
	const scale = Math.max(before.height, line.height) / Math.min(before.height, line.height);
	if (scale > headingScale) return true;
	const gap = before.y - line.y;
	if (before.page === line.page && gap >= 0) return gap > paragraphGap * usualGap;
	// The next column or page.
	return /[.!?:;][\p{Pe}\p{Pf}"'\d]*$/u.test(before.text) || !/^\p{Ll}/u.test(line.text);
}

/** Distances of lines below each other. */
function gapsOf(lines: readonly Line[]): number[] {
	return lines.flatMap((line, index) => {
		const before = lines[index - 1];
		const gap = before?.page === line.page ? before.y - line.y : 0;
		return gap > 0 ? [gap] : [];
	});
}

function median(values: readonly number[]): number {
	return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
