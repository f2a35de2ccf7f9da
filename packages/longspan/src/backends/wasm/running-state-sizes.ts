import { RunningStateSize } from "./kernels/running-state/running-state-size.js";

const { chunk, block } = RunningStateSize;

/** Heads times segments that keep common numbers of threads busy. */
const wantedItems = 8;
/** Positions of the shortest segment worth finding the state before it. */
const shortestSegment = 1024;

/** How a sequence is cut for several threads to share it. */
export interface Segments {
	readonly count: number;
	/** Positions of each but the last: whole chunks. */
	readonly length: number;
}

/**
 * Cuts the sequences of few heads into segments. Depends on the sizes only, never on the number of threads, so that neither
 * do the results. From `wantedItems` heads on nothing is cut, since cutting costs up to a third more work.
 */
export function chooseSegments(heads: number, length: number): Segments {
	const wanted = Math.ceil(wantedItems / heads);
	if (wanted === 1) return { count: 1, length };
	const even = Math.ceil(length / wanted / chunk) * chunk;
	const segmentLength = Math.max(shortestSegment, even);
	return { count: Math.max(1, Math.ceil(length / segmentLength)), length: segmentLength };
}

/** Pairs of positions whose scores are computed inside the chunks of a sequence. */
export function chunkPairs(length: number): number {
	return Math.floor(length / chunk) * pairsOf(chunk) + pairsOf(length % chunk);
}

/** The same for one chunk: each block of rows sees the columns up to its last row. */
function pairsOf(rows: number): number {
	let pairs = 0;
	for (let first = 0; first < rows; first += block) {
		const last = Math.min(first + block, rows);
		pairs += (last - first) * last;
	}
	return pairs;
}
