import { philox } from "../../backends/backend.js";
import { sampleSet } from "./sample.js";

/** What decides which blocks a head's block of queries sees. */
export interface RandomBlocks {
	/** Key blocks drawn for each block of queries. */
	readonly blocks: number;
	readonly ownBlock: boolean;
	readonly causal: boolean;
	readonly seed: number;
}

/** Integers from 0 to an argument, named by seed, head and block alone, so that none depends on the length or on other draws. */
function drawsOf(seed: number, head: number, block: number): (max: number) => number {
	const key = [seed >>> 0, Math.floor(seed / 2 ** 32)] as const;
	let draws = 0;
	return (max) => {
		const index = draws++;
		const word = philox([head, block, index >> 2, 0], key)[index & 3] as number;
		return Math.floor((word / 2 ** 32) * (max + 1));
	};
}

/**
 * The key blocks that block `own` of a head's queries sees, in order: drawn among all `count` blocks, or those up to its own if
 * causal; all of them where there are no more. Its own block is not drawn if it is seen anyway.
 */
export function drawBlocks(own: number, count: number, head: number, options: RandomBlocks): number[] {
	const { blocks, ownBlock, causal, seed } = options;
	const candidates = (causal ? own + 1 : count) - Number(ownBlock);
	const drawn = [...sampleSet(candidates, Math.min(blocks, candidates), drawsOf(seed, head, own))];
	const seen = ownBlock ? [...drawn.map((block) => block + Number(block >= own)), own] : drawn;
	return seen.sort((a, b) => a - b);
}
