import type { ReformerSettings } from "./options.js";

/** Which chunks a query sees, in the sorted order of its round. */
export type Neighbourhood = Pick<ReformerSettings, "before" | "after" | "wrap">;

/**
 * The chunks seen in `rounds` rounds of `chunks` chunks. A bucket lies within a round, so that with a bucket mask nothing is seen
 * beyond the end of a round that other rounds continue; where a pair counts once, no chunk is seen twice.
 */
export function neighbourhoodOf(settings: ReformerSettings, rounds: number, chunks: number): Neighbourhood {
	const { before, after, bucketMask, removeDuplicates } = settings;
	const masked = rounds > 1 ? "none" : "within-round";
	const wrap = bucketMask && settings.wrap === "circular" ? masked : settings.wrap;
	if (!removeDuplicates || wrap === "none") return { before, after, wrap };
	const fewer = Math.min(before, chunks - 1);
	return { before: fewer, after: Math.min(after, chunks - 1 - fewer), wrap };
}

/** Number of rounds, and of chunks in each. */
export interface ChunkCounts {
	readonly rounds: number;
	readonly chunks: number;
}

/** A chunk by its place in its round. */
export interface ChunkPlace {
	readonly round: number;
	readonly chunk: number;
}

/** The chunk that lies at `chunk` of a round, which may be beyond its ends; null where there is none. */
export function chunkAt(
	wrap: Neighbourhood["wrap"],
	{ rounds, chunks }: ChunkCounts,
	round: number,
	chunk: number,
): ChunkPlace | null {
	if (chunk >= 0 && chunk < chunks) return { round, chunk };
	if (wrap === "none") return null;
	if (wrap === "within-round") return { round, chunk: modulo(chunk, chunks) };
	const place = modulo(round * chunks + chunk, rounds * chunks);
	return { round: Math.floor(place / chunks), chunk: place % chunks };
}

function modulo(value: number, by: number): number {
	return ((value % by) + by) % by;
}
