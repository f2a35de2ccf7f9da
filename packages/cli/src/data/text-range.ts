import { isUtf8 } from "node:buffer";
import { InputError } from "../errors.js";
import type { ByteRange, Piece } from "./corpus.js";
import { lastCharacter, longestCharacter } from "./utf8.js";

/** Bytes at the start of each large file that are checked at once; the rest is when it is read. */
const checkedBytes = 2 ** 16;
/** Characters within which a space is sought to start or end at: no word is longer. */
const longestWord = 256;

/** Some text and the bytes it had. */
export interface Text {
	readonly text: string;
	readonly bytes: number;
}

/** Bytes of files that are text in UTF-8, files starting and ending between characters. */
export class TextRange {
	readonly length: number;

	/** @throws InputError naming a file that is no text */
	constructor(private readonly range: ByteRange) {
		this.length = range.length;
		for (const { start, length, loaded } of range.files())
			check(this.pieces(start, start + (loaded ? length : Math.min(length, checkedBytes))));
	}

	/**
	 * About `length` bytes from about `offset` on. Starts and ends with whole words where there are spaces, and anyway with whole
	 * characters, so that its tokens are those that the whole text has there.
	 *
	 * @throws InputError naming a file that is no text
	 */
	read(offset: number, length: number): Text {
		const end = Math.min(this.length, offset + length);
		const whole = decode(this.pieces(offset, end));
		const first = offset === 0 ? 0 : Math.max(0, whole.slice(0, longestWord).search(/\s/));
		const tail = Math.max(first, whole.length - longestWord);
		const space = end === this.length ? -1 : lastSpace(whole.slice(tail));
		const text = whole.slice(first, space > 0 ? tail + space : undefined);
		return { text, bytes: Buffer.byteLength(text) };
	}

	private pieces(start: number, end: number): Piece[] {
		const from = this.characterStart(start);
		return this.range.pieces(from, this.characterStart(end) - from);
	}

	private characterStart(position: number): number {
		if (position >= this.length) return this.length;
		const first = Math.max(0, position - longestCharacter + 1);
		return first + lastCharacter(this.range.read(first, position - first + 1));
	}
}

function lastSpace(text: string): number {
	for (let index = text.length - 1; index >= 0; index--) if (/\s/.test(text[index] as string)) return index;
	return -1;
}

function decode(pieces: readonly Piece[]): string {
	check(pieces);
	const decoder = new TextDecoder();
	return pieces.map(({ bytes }) => decoder.decode(bytes)).join("");
}

function check(pieces: readonly Piece[]): void {
	for (const { path, bytes } of pieces)
		if (!isUtf8(bytes))
			throw new InputError(
				`"${path}" is no text in UTF-8, which a tokenizer needs: leave the file out, or train on bytes, without a tokenizer`,
			);
}
