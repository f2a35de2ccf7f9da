import { type BlockRange, blockPlan } from "../plan/blocks.js";
import type { TilePlan } from "../plan/tile-plan.js";

/** Which chunks a chunk of queries sees. */
export interface Chunks {
	readonly chunkLength: number;
	readonly before: number;
	readonly after: number;
	readonly causal: boolean;
	readonly wrap: "circular" | "none";
}

/** The chunks that chunk `own` of `count` sees, each as often as it counts. */
export function chunksSeen(own: number, count: number, { before, after, causal, wrap }: Chunks): number[] {
	const seen: number[] = [];
	for (let offset = -before; offset <= after; offset++) {
		const chunk = own + offset;
		if (wrap === "circular") seen.push(((chunk % count) + count) % count);
		else if (chunk >= 0 && chunk < count) seen.push(chunk);
	}
	return causal ? seen.filter((chunk) => chunk <= own) : seen;
}

export function chunkPlan(length: number, chunks: Chunks): TilePlan {
	const count = Math.ceil(length / chunks.chunkLength);
	return blockPlan({
		rows: length,
		columns: length,
		rowBlock: chunks.chunkLength,
		sees: (own) => chunksSeen(own, count, chunks).map((chunk): BlockRange => ({ first: chunk, last: chunk })),
		...(chunks.causal && { rule: { maxOffset: 0 } }),
	});
}
