import { closeSync, openSync, readSync } from "node:fs";
import { InputError } from "../errors.js";
import { formatCount } from "../output/format.js";
import { reading, type SourceFile } from "./list-files.js";
import { lastCharacter, longestCharacter } from "./utf8.js";

/** The last tenth of every file is held out: kept for measuring, never trained on. */
const heldOutShare = 10;

/** Files of at most this many bytes together are read at once, so that what happens to them during the run does not matter. */
const loadedBytes = 64 * 2 ** 20;

/** A file, and its contents if they are in memory. */
interface Source {
	readonly path: string;
	readonly size: number;
	readonly contents: Uint8Array | null;
}

interface Segment {
	readonly source: Source;
	/** Position of the segment's first byte in its file. */
	readonly fileOffset: number;
	/** Position of its first byte among all bytes of its part. */
	readonly start: number;
	readonly length: number;
}

/** Bytes of one file. */
export interface Piece {
	readonly path: string;
	readonly bytes: Uint8Array;
}

/** Bytes of many files end to end. Only what is asked for is read. */
export class ByteRange {
	readonly length: number;

	constructor(private readonly segments: readonly Segment[]) {
		const last = segments[segments.length - 1];
		this.length = last ? last.start + last.length : 0;
	}

	/** The bytes `offset` to `offset + length`, which must lie within the range. */
	read(offset: number, length: number): Uint8Array {
		const bytes = new Uint8Array(length);
		this.pieces(offset, length, bytes);
		return bytes;
	}

	/** The same bytes, file by file, as parts of `target`. */
	pieces(offset: number, length: number, target = new Uint8Array(length)): Piece[] {
		const pieces: Piece[] = [];
		let filled = 0;
		for (let index = this.indexOf(offset); filled < length; index++) {
			const segment = this.segments[index] as Segment;
			const skip = offset + filled - segment.start;
			const bytes = target.subarray(filled, filled + Math.min(length - filled, segment.length - skip));
			readInto(segment.source, segment.fileOffset + skip, bytes);
			pieces.push({ path: segment.source.path, bytes });
			filled += bytes.length;
		}
		return pieces;
	}

	/** Where each file lies in the range, and whether it is in memory. */
	files(): { start: number; length: number; loaded: boolean }[] {
		return this.segments.map(({ source, start, length }) => ({ start, length, loaded: source.contents !== null }));
	}

	/** Index of the segment that holds a position. */
	private indexOf(offset: number): number {
		let low = 0;
		let high = this.segments.length - 1;
		while (low < high) {
			const middle = (low + high + 1) >> 1;
			if ((this.segments[middle] as Segment).start <= offset) low = middle;
			else high = middle - 1;
		}
		return low;
	}
}

function readInto({ path, contents }: Source, position: number, target: Uint8Array): void {
	if (contents) {
		target.set(contents.subarray(position, position + target.length));
		return;
	}
	reading(path, () => {
		const file = openSync(path, "r");
		try {
			for (let filled = 0; filled < target.length; ) {
				const count = readSync(file, target, filled, target.length - filled, position + filled);
				if (count === 0) throw new InputError(`"${path}" became shorter while it was in use`);
				filled += count;
			}
		} finally {
			closeSync(file);
		}
	});
}

/** Training bytes and held-out bytes of some files. */
export interface Corpus {
	readonly train: ByteRange;
	readonly heldOut: ByteRange;
}

/**
 * Splits every file: its first nine tenths to train on, the last tenth held out. With `text`, between characters of UTF-8 rather than
 * bytes.
 */
export function splitFiles(files: readonly SourceFile[], { text = false } = {}): Corpus {
	const sources = sourcesOf(files);
	const cuts = new Map(
		sources.map((source) => {
			const cut = source.size - Math.floor(source.size / heldOutShare);
			return [source, text ? characterStart(source, cut) : cut];
		}),
	);
	const cutOf = (source: Source) => cuts.get(source) as number;
	return {
		train: endToEnd(sources, (file) => ({ fileOffset: 0, length: cutOf(file) })),
		heldOut: endToEnd(sources, (file) => ({ fileOffset: cutOf(file), length: file.size - cutOf(file) })),
	};
}

/** Where the character starts that the byte at a position belongs to. */
function characterStart(source: Source, position: number): number {
	if (position === source.size) return position;
	const first = Math.max(0, position - longestCharacter + 1);
	const bytes = new Uint8Array(position - first + 1);
	readInto(source, first, bytes);
	return first + lastCharacter(bytes);
}

/** All bytes of some files, end to end. */
export function wholeFiles(files: readonly SourceFile[]): ByteRange {
	return endToEnd(sourcesOf(files), ({ size }) => ({ fileOffset: 0, length: size }));
}

function sourcesOf(files: readonly SourceFile[]): Source[] {
	const load = files.reduce((sum, { size }) => sum + size, 0) <= loadedBytes;
	return files.map((file) => ({ ...file, contents: load ? loadFile(file) : null }));
}

function loadFile({ path, size }: SourceFile): Uint8Array {
	const contents = new Uint8Array(size);
	readInto({ path, size, contents: null }, 0, contents);
	return contents;
}

function endToEnd(
	sources: readonly Source[],
	part: (source: Source) => Pick<Segment, "fileOffset" | "length">,
): ByteRange {
	let start = 0;
	const segments = sources.map((source) => {
		const segment = { source, start, ...part(source) };
		start += segment.length;
		return segment;
	});
	return new ByteRange(segments.filter(({ length }) => length > 0));
}

/** The shortest window that held-out text is measured in, unless training windows are shorter. */
export const leastHeldOutLength = 64;

/**
 * Throws `InputError`, saying how many bytes are needed, unless the part to train on holds a window of the training length and the
 * held-out part one of some length. `remedy`: what to do but give more.
 */
export function checkCorpus({ train, heldOut }: Corpus, trainLength: number, remedy: string): void {
	const [needed, neededHeldOut] = [trainLength + 1, Math.min(trainLength, leastHeldOutLength) + 1];
	if (train.length >= needed && heldOut.length >= neededHeldOut) return;
	throw new InputError(
		`the files hold ${formatCount(train.length)} bytes to train on and ${formatCount(heldOut.length)} held out (the last tenth of each file); training at length ${formatCount(trainLength)} needs at least ${formatCount(needed)} and ${formatCount(neededHeldOut)}: give more, or ${remedy}`,
	);
}
