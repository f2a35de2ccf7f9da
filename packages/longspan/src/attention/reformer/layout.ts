import { blockPlan } from "../plan/blocks.js";
import { type TilePlan, type TileRule, type TileRun, tileSize, tilesFor } from "../plan/tile-plan.js";
import { chunkAt, type Neighbourhood } from "./neighbourhood.js";

/**
 * What the plans of one round have in common, whatever the data is: chunks of queries in sorted order, by chunks of a list of keys
 * that holds the round's own and, ahead and behind, those that it reaches beyond its ends.
 */
export interface RoundLayout extends Pick<TilePlan, "runs" | "rules"> {
	readonly length: number;
	readonly chunkLength: number;
	/** Chunks of a round; the last may be short. */
	readonly chunks: number;
	readonly seen: Neighbourhood;
	/** Chunks in the list of keys before the round's own, and in all. */
	readonly ahead: number;
	readonly listChunks: number;
	/** The chunks of the list that a chunk of queries sees, inclusive. */
	windowOf(chunk: number): { readonly first: number; readonly last: number };
}

/** The layout of each round; `rule` is tested on every pair beside it. */
export function roundLayout(length: number, chunkLength: number, seen: Neighbourhood, rule: TileRule): RoundLayout {
	const { before, after, wrap } = seen;
	const chunks = Math.ceil(length / chunkLength);
	const ahead = wrap === "none" ? 0 : before;
	const listChunks = ahead + chunks + (wrap === "none" ? 0 : after);
	const windowOf = (chunk: number) => ({
		first: Math.max(0, chunk + ahead - before),
		last: Math.min(listChunks - 1, chunk + ahead + after),
	});
	const plan = blockPlan({
		rows: length,
		columns: listChunks * chunkLength,
		rowBlock: chunkLength,
		sees: (chunk) => [windowOf(chunk)],
	});
	const filled = filledTiles({ length, chunkLength, chunks, ahead, listChunks });
	return {
		length,
		chunkLength,
		chunks,
		seen,
		ahead,
		listChunks,
		windowOf,
		runs: plan.runs.map((runs) => runs.flatMap((run) => filledParts(run, filled))),
		rules: plan.rules.map((own) => ({ ...own, ...rule })),
	};
}

/** Whether each tile of the list of keys holds any: the slots after a short chunk are empty. */
function filledTiles({
	length,
	chunkLength,
	chunks,
	ahead,
	listChunks,
}: Pick<RoundLayout, "length" | "chunkLength" | "chunks" | "ahead" | "listChunks">): boolean[] {
	const filled = new Array<boolean>(tilesFor(listChunks * chunkLength)).fill(false);
	for (let listed = 0; listed < listChunks; listed++) {
		const isLast = (listed - ahead + 1) % chunks === 0;
		const first = listed * chunkLength;
		const end = first + (isLast ? length - (chunks - 1) * chunkLength : chunkLength);
		for (let tile = Math.floor(first / tileSize); tile * tileSize < end; tile++) filled[tile] = true;
	}
	return filled;
}

/** A run without its empty tiles. Those with bitmaps are single tiles. */
function filledParts(run: TileRun, filled: readonly boolean[]): TileRun[] {
	const parts: TileRun[] = [];
	for (let tile = run.firstTile; tile < run.firstTile + run.tiles; tile++) {
		if (!filled[tile]) continue;
		const last = parts[parts.length - 1];
		if (last && last.firstTile + last.tiles === tile) parts[parts.length - 1] = { ...last, tiles: last.tiles + 1 };
		else parts.push({ ...run, firstTile: tile, tiles: 1 });
	}
	return parts;
}

/** The list of keys of a round: positions of the slots of its chunks, -1 where a slot is empty. */
export function listKeys(layout: RoundLayout, orders: readonly Int32Array[], round: number): Int32Array {
	const { length, chunkLength, chunks, ahead, listChunks, seen } = layout;
	const list = new Int32Array(tilesFor(listChunks * chunkLength) * tileSize).fill(-1);
	const own = orders[round] as Int32Array;
	list.set(own.subarray(0, length), ahead * chunkLength);
	for (let listed = 0; listed < listChunks; listed++) {
		if (listed >= ahead && listed < ahead + chunks) continue;
		const place = chunkAt(seen.wrap, { rounds: orders.length, chunks }, round, listed - ahead);
		if (!place) continue;
		const first = place.chunk * chunkLength;
		const slots = (orders[place.round] as Int32Array).subarray(first, Math.min(length, first + chunkLength));
		list.set(slots, listed * chunkLength);
	}
	return list;
}
