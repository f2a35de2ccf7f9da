import { philox } from "../../backends/backend.js";

/** What decides which blocks a head's block of queries sees. */
export interface RandomBlocks {
	/** Key blocks drawn for each block of queries. */
	readonly blocks: number;
	readonly ownBlock: boolean;
	readonly causal: boolean;
	readonly seed: number;
}

/** Integers below 2^32 named by seed, head and block alone, so that no draw depends on the length or on other draws. */
function wordsOf(seed: number, head: number, block: number): (index: number) => number {
	const key = [seed >>> 0, Math.floor(seed / 2 ** 32)] as const;
	return (index) => philox([head, block, index >> 2, 0], key)[index & 3] as number;
}

/** `count` different numbers below `size`, every set with the same probability (Floyd's algorithm: Bentley & Floyd 1987). */
function drawSet(size: number, count: number, words: (index: number) => number): Set<number> {
	const chosen = new Set<number>();
	for (let last = size - count; last < size; last++) {
		const drawn = Math.floor((words(chosen.size) / 2 ** 32) * (last + 1));
		chosen.add(chosen.has(drawn) ? last : drawn);
	}
	return chosen;
}

/**
 * The key blocks that block `own` of a head's queries sees, in order: drawn among all `count` blocks, or those up to its own if
 * causal; all of them where there are no more. Its own block is not drawn if it is seen anyway.
 */
export function drawBlocks(own: number, count: number, head: number, options: RandomBlocks): number[] {
	const { blocks, ownBlock, causal, seed } = options;
	const candidates = (causal ? own + 1 : count) - Number(ownBlock);
	const drawn = [...drawSet(candidates, Math.min(blocks, candidates), wordsOf(seed, head, own))];
	const seen = ownBlock ? [...drawn.map((block) => block + Number(block >= own)), own] : drawn;
	return seen.sort((a, b) => a - b);
}
