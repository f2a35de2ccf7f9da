import { InputError } from "../errors.js";
import { formatCount } from "../output/format.js";
import { type ByteRange, type Corpus, leastHeldOutLength } from "./corpus.js";
import { TextRange } from "./text-range.js";
import type { Tokenizer } from "./tokenizer.js";
import { drawStep, longestOf, type TextWindows, type WindowOptions, type WindowSource } from "./window-source.js";

/** Where samples tell how many bytes a token has, as parts of the text, and how many bytes they have. */
const samplePlaces = [0, 1 / 4, 1 / 2, 3 / 4];
const sampleBytes = 2 ** 14;
/** Text is read for this many times the ids wanted, so that it seldom has too few; and so many bytes more for words cut at the ends. */
const reserve = 1.1;
const words = 64;

/**
 * Windows of tokens. Text is tokenised where a window lies when it is asked for: nothing is prepared, and as little is kept as with
 * bytes. `corpus` must be split between characters (`splitFiles` with `text`).
 *
 * @throws InputError naming a file that is no text, or telling how many tokens there are and are needed
 */
export function tokenWindows(corpus: Corpus, tokenizer: Tokenizer, options: WindowOptions): WindowSource {
	const longest = longestOf(options.lengths);
	const readerOf = (part: string, range: ByteRange) =>
		new TokenReader(`the ${part} of the files (the last tenth of each is held out)`, new TextRange(range), tokenizer);
	const train = readerOf("part to train on", corpus.train);
	const heldOut = readerOf("held-out part", corpus.heldOut);
	const heldOutLength = heldOut.longest(longest);
	// Too little text should show now.
	train.window(0, longest);
	heldOut.window(0, Math.max(heldOutLength, Math.min(longest, leastHeldOutLength)));
	return {
		heldOutLength,
		vocabularySize: tokenizer.vocabularySize,
		trainingBatch(step) {
			const { length, count, random } = drawStep(options, step);
			return joined(Array.from({ length: count }, () => train.window(random(), length)));
		},
		heldOut(count) {
			const windows = heldOut.spread(count, heldOutLength);
			const batches: TextWindows[] = [];
			for (let first = 0; first < windows.length; first += options.batch)
				batches.push(joined(windows.slice(first, first + options.batch)));
			return batches;
		},
	};
}

/** One after the other. */
function joined(windows: readonly TextWindows[]): TextWindows {
	const width = windows[0]?.ids.length ?? 0;
	const ids = new Int32Array(windows.length * width);
	for (const [index, window] of windows.entries()) ids.set(window.ids, index * width);
	return { ids, count: windows.length, bytes: windows.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Reads windows of tokens out of a text. Its answers depend on nothing that was asked before. */
export class TokenReader {
	private readonly bytesPerToken: number;

	/** `name`: what errors call the text. */
	constructor(
		private readonly name: string,
		private readonly text: TextRange,
		private readonly tokenizer: Tokenizer,
	) {
		let [bytes, tokens] = [0, 0];
		for (const place of samplePlaces) {
			const sample = text.read(Math.floor(place * text.length), sampleBytes);
			bytes += sample.bytes;
			tokens += tokenizer.encode(sample.text).length;
		}
		this.bytesPerToken = bytes / Math.max(1, tokens);
	}

	/** `length + 1` ids at a place in [0, 1) of the text. Throws `InputError` if there are not so many. */
	window(place: number, length: number): TextWindows {
		const wanted = length + 1;
		const { ids, bytes } = this.around(place, length);
		if (ids.length < wanted)
			throw new InputError(
				`${this.name} has ${formatCount(ids.length)} tokens; a window of length ${formatCount(length)} needs ${formatCount(wanted)}: give more, or use a shorter length`,
			);
		// The bytes of single tokens are not known, those of the text around the window are.
		return { ids: ids.slice(0, wanted), count: 1, bytes: (bytes * length) / ids.length };
	}

	/** The length of the longest window, at most `length`; below 1 where there is none. */
	longest(length: number): number {
		return Math.min(length, this.around(0, length).ids.length - 1);
	}

	/** The ids at a place of the text and after it, at least those of a window, or of the whole text if that has no more. */
	private around(place: number, length: number): { ids: Int32Array; bytes: number } {
		const offset = Math.floor(place * (Math.max(0, this.text.length - this.bytesFor(length)) + 1));
		for (let bytes = this.bytesFor(length); ; bytes *= 2) {
			// Near the end, what is needed further lies before.
			const read = this.text.read(Math.max(0, Math.min(offset, this.text.length - bytes)), bytes);
			const ids = this.tokenizer.encode(read.text);
			if (ids.length > length || bytes >= this.text.length) return { ids, bytes: read.bytes };
		}
	}

	/** Up to `count` windows at even distances, at least one. They do not overlap. */
	spread(count: number, length: number): TextWindows[] {
		const room = Math.max(0, this.text.length - this.bytesFor(length));
		const number = Math.min(count, 1 + Math.floor(room / this.ownBytes(length)));
		return Array.from({ length: number }, (_, index) => this.window(index / Math.max(1, number - 1), length));
	}

	/** Bytes of text that should have the ids for a window. */
	private ownBytes(length: number): number {
		return Math.ceil((length + 1) * this.bytesPerToken * reserve);
	}

	/** Those and what is left off at both ends. */
	private bytesFor(length: number): number {
		return this.ownBytes(length) + words;
	}
}
