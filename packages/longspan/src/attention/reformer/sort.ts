import { tileSize, tilesFor } from "../plan/tile-plan.js";

/** The tokens of one round in order of bucket. */
export interface SortedRound {
	/** Positions in the order of (bucket, position), in slots that fill whole tiles; -1 after them. */
	readonly order: Int32Array;
	/** Bucket b has the slots starts[b] .. starts[b + 1] - 1. */
	readonly starts: Int32Array;
}

/** Stable counting sort of the positions by their buckets, O(length + buckets). There is no sort key that could overflow. */
export function sortRound(codes: Int32Array, buckets: number): SortedRound {
	const { length } = codes;
	const starts = new Int32Array(buckets + 1);
	for (let t = 0; t < length; t++) {
		const next = (codes[t] as number) + 1;
		starts[next] = (starts[next] as number) + 1;
	}
	for (let bucket = 0; bucket < buckets; bucket++)
		starts[bucket + 1] = (starts[bucket + 1] as number) + (starts[bucket] as number);
	const nextSlot = starts.slice();
	const order = new Int32Array(tilesFor(length) * tileSize).fill(-1, length);
	for (let t = 0; t < length; t++) {
		const bucket = codes[t] as number;
		const slot = nextSlot[bucket] as number;
		order[slot] = t;
		nextSlot[bucket] = slot + 1;
	}
	return { order, starts };
}
