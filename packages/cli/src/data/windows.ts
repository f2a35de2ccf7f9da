import type { ByteRange } from "./corpus.js";

/** Sequences of bytes or tokens, one after the other, all of the same length. */
export interface Windows {
	readonly ids: Int32Array;
	readonly count: number;
}

function readWindows(range: ByteRange, offsets: readonly number[], length: number): Windows {
	const ids = new Int32Array(offsets.length * length);
	offsets.forEach((offset, index) => {
		ids.set(range.read(offset, length), index * length);
	});
	return { ids, count: offsets.length };
}

/** Windows at random places of the bytes. */
export function randomWindows(range: ByteRange, windowLength: number, count: number, random: () => number): Windows {
	const offsets = Array.from({ length: count }, () => Math.floor(random() * (range.length - windowLength + 1)));
	return readWindows(range, offsets, windowLength);
}

/** Up to `limit` windows spread evenly over the bytes, not overlapping, in batches. */
export function evenBatches(range: ByteRange, windowLength: number, batch: number, limit: number): Windows[] {
	const count = Math.min(limit, Math.floor(range.length / windowLength));
	const room = range.length - windowLength;
	const offsets = Array.from({ length: count }, (_, index) => Math.floor((index * room) / Math.max(1, count - 1)));
	const batches: Windows[] = [];
	for (let first = 0; first < count; first += batch)
		batches.push(readWindows(range, offsets.slice(first, first + batch), windowLength));
	return batches;
}
