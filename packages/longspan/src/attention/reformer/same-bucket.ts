import { type TilePlan, type TileRule, type TileRun, tileSize } from "../plan/tile-plan.js";
import type { RoundLayout } from "./layout.js";
import type { SortedRound } from "./sort.js";

const bitmapWords = 2 * tileSize;

/**
 * Runs of a round in which queries see keys of their own bucket only: a bitmap for every tile that shows a pair. Where pairs count
 * once, those that an earlier round shows are left out. Takes time in proportion to the tiles, or to pairs times rounds without duplicates.
 */
export function sameBucketRuns(
	layout: RoundLayout,
	sorted: readonly SortedRound[],
	round: number,
	list: Int32Array,
	rule: TileRule,
	removeDuplicates: boolean,
): Pick<TilePlan, "runs" | "rules"> {
	const { order, starts } = sorted[round] as SortedRound;
	const ranges = bucketRanges(layout, starts);
	const earlier = removeDuplicates ? sorted.slice(0, round).map((other) => placesOf(layout, other, list)) : [];
	const rules: TileRule[] = [];
	const runs: TileRun[][] = [];
	for (let firstSlot = 0; firstSlot < layout.length; firstSlot += tileSize) {
		const bitmaps = new TileBitmaps();
		for (let row = 0; row < Math.min(tileSize, layout.length - firstSlot); row++)
			for (const [from, until] of ranges(firstSlot + row)) {
				bitmaps.show(row, from, until);
				for (const places of earlier)
					hideSeen(bitmaps, row, order[firstSlot + row] as number, from, until, places, layout);
			}
		const list = bitmaps.visible().map(([firstTile, bitmap]) => {
			return { firstTile, tiles: 1, rule: rules.push({ ...rule, bitmap }) - 1 };
		});
		runs.push(list);
	}
	return { runs, rules };
}

/** Hides the keys in these slots that the query sees in another round. */
function hideSeen(
	bitmaps: TileBitmaps,
	row: number,
	query: number,
	from: number,
	until: number,
	{ bucketOf, chunkOf, listBuckets, listChunks }: RoundPlaces,
	{ chunks, seen: { before, after, wrap } }: RoundLayout,
): void {
	const [bucket, first] = [bucketOf[query] as number, (chunkOf[query] as number) - before];
	for (let slot = from; slot < until; slot++) {
		if (listBuckets[slot] !== bucket) continue;
		const ahead = (listChunks[slot] as number) - first;
		const place = wrap === "none" ? ahead : (ahead + chunks) % chunks;
		if (place >= 0 && place <= before + after) bitmaps.hide(row, slot);
	}
}

/** The slots of the list of keys that a query slot sees in its own bucket: one range, or more where a round reaches round its ends. */
function bucketRanges(layout: RoundLayout, starts: Int32Array): (slot: number) => [from: number, until: number][] {
	const { chunkLength, chunks, ahead, listChunks, windowOf } = layout;
	let bucket = 0;
	// Called with rising slots.
	return (slot) => {
		while ((starts[bucket + 1] as number) <= slot) bucket++;
		const [first, end] = [starts[bucket] as number, starts[bucket + 1] as number];
		const window = windowOf(Math.floor(slot / chunkLength));
		const found: [number, number][] = [];
		const copies = Math.ceil(Math.max(ahead, listChunks - ahead - chunks) / chunks);
		for (let copy = -copies; copy <= copies; copy++) {
			const shift = (ahead + copy * chunks) * chunkLength;
			const from = Math.max(window.first * chunkLength, first + shift);
			const until = Math.min((window.last + 1) * chunkLength, end + shift);
			if (from < until) found.push([from, until]);
		}
		return found;
	};
}

/** Buckets and chunks in one round: by position, and along the list of keys of another. */
interface RoundPlaces {
	readonly bucketOf: Int32Array;
	readonly chunkOf: Int32Array;
	readonly listBuckets: Int32Array;
	readonly listChunks: Int32Array;
}

function placesOf({ length, chunkLength }: RoundLayout, { order, starts }: SortedRound, list: Int32Array): RoundPlaces {
	const bucketOf = new Int32Array(length);
	const chunkOf = new Int32Array(length);
	for (let slot = 0, bucket = 0; slot < length; slot++) {
		while ((starts[bucket + 1] as number) <= slot) bucket++;
		bucketOf[order[slot] as number] = bucket;
		chunkOf[order[slot] as number] = Math.floor(slot / chunkLength);
	}
	const along = (values: Int32Array) => list.map((position) => (position < 0 ? -1 : (values[position] as number)));
	return { bucketOf, chunkOf, listBuckets: along(bucketOf), listChunks: along(chunkOf) };
}

/** Bitmaps of the tiles of one row tile, made as pairs are shown. */
class TileBitmaps {
	readonly #bitmaps = new Map<number, Uint32Array>();
	#tile = -1;
	#bitmap: Uint32Array = new Uint32Array(0);

	/** Shows the column slots from .. until - 1 to a row. */
	show(row: number, from: number, until: number): void {
		for (let at = from; at < until; ) {
			const tile = Math.floor(at / tileSize);
			const next = Math.min(until, (at | 31) + 1);
			if (tile !== this.#tile) this.#open(tile);
			const word = 2 * row + ((at >> 5) & 1);
			this.#bitmap[word] = (this.#bitmap[word] as number) | bitsBetween(at & 31, next - (at & ~31));
			at = next;
		}
	}

	/** Hides a column slot that was shown. */
	hide(row: number, slot: number): void {
		const tile = Math.floor(slot / tileSize);
		if (tile !== this.#tile) this.#open(tile);
		const word = 2 * row + ((slot >> 5) & 1);
		this.#bitmap[word] = (this.#bitmap[word] as number) & ~(1 << (slot & 31));
	}

	#open(tile: number): void {
		let bitmap = this.#bitmaps.get(tile);
		if (!bitmap) this.#bitmaps.set(tile, (bitmap = new Uint32Array(bitmapWords)));
		this.#tile = tile;
		this.#bitmap = bitmap;
	}

	/** Tiles that show a pair, in order. */
	visible(): [tile: number, bitmap: Uint32Array][] {
		return [...this.#bitmaps].filter(([, bitmap]) => bitmap.some((word) => word !== 0)).sort(([a], [b]) => a - b);
	}
}

/** Bits from .. until - 1 of a word, 0 <= from < until <= 32. */
function bitsBetween(from: number, until: number): number {
	return (until === 32 ? -1 : (1 << until) - 1) & (-1 << from);
}
