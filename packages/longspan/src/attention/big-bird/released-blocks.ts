import { MersenneTwister } from "./mt19937.js";
import type { RandomTable } from "./random-blocks.js";

/** What the released code draws its random blocks from: blocks of a window of 3, the first and the last block global. */
export interface ReleasedSettings {
	readonly heads: number;
	/** Blocks of the sequence. */
	readonly blocks: number;
	readonly blockSize: number;
	readonly randomBlocks: number;
	readonly seed: number;
	/** Length that the tables of `tableLengths` are drawn for. */
	readonly maxLength: number;
	/** Lengths that use the first rows of a table drawn for `maxLength`, whose random keys come from the first 1024 tokens. */
	readonly tableLengths: readonly number[];
}

/**
 * The random blocks of the released code of BigBird for a layer, row i - 1 for query block i. Where that code fails because too few
 * blocks are legal, a row has fewer blocks.
 */
export function releasedTable(settings: ReleasedSettings): RandomTable {
	const { blocks, blockSize, maxLength, tableLengths } = settings;
	const length = blocks * blockSize;
	return tableLengths.includes(length) && length <= maxLength ? cutTable(settings) : plannedTable(settings);
}

function range(first: number, last: number): number[] {
	return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
}

/** Plan A: a table for the longest sequence, head by head, cut to the rows of this one. */
function cutTable({ heads, blocks, blockSize, randomBlocks, seed, maxLength }: ReleasedSettings): RandomTable {
	const random = new MersenneTwister(seed);
	const most = Math.floor(maxLength / blockSize);
	const reach = 1024;
	const last = Math.floor((reach > 2 * blockSize ? reach : most * blockSize) / blockSize) - 1;
	/** Blocks first..last of those that are not global. */
	const middle = (first: number, until: number) => range(first, Math.min(until, most - 2));
	const poolOf = (i: number): number[] => {
		if (i === 1) return middle(3, last);
		if (i === 2) return middle(4, last);
		if (i === most - 3 || i === most - 2 || i - 2 > last) return middle(1, last);
		if (i + 1 === last) return middle(1, i - 2);
		return [...middle(1, i - 2), ...middle(i + 2, last)];
	};
	return Array.from({ length: heads }, () =>
		range(1, most - 2)
			.map((i) => random.permutation(poolOf(i)).slice(0, randomBlocks))
			.slice(0, blocks - 2),
	);
}

/** Plan B: row by row, all heads of a row together, from one or two ranges of blocks. */
function plannedTable({ heads, blocks, randomBlocks, seed }: ReleasedSettings): RandomTable {
	const random = new MersenneTwister(seed);
	const table = Array.from({ length: heads }, () => range(1, blocks - 1).map((): number[] => []));
	const drawRows = (firstRow: number, endRow: number, from: number, until: number, count: number) => {
		for (let i = firstRow; count > 0 && i < endRow; i++)
			for (const rows of table) {
				const legal = random.permutation(range(from, until - 1)).filter((block) => isLegal(i, block, until));
				(rows[i - 1] as number[]).push(...legal.slice(0, count));
			}
	};
	const wide = 2 * randomBlocks + 5;
	const narrow = randomBlocks + 5;
	if (wide < blocks) drawRows(1, blocks, 0, wide, randomBlocks);
	else if (narrow < blocks) {
		const [near, far] = [Math.floor(randomBlocks / 2), Math.ceil(randomBlocks / 2)];
		drawRows(1, narrow, 0, narrow, near);
		drawRows(1, narrow, narrow, blocks, far);
		drawRows(narrow, blocks, 0, narrow, near);
		drawRows(narrow, blocks, narrow, blocks, far);
	} else drawRows(1, blocks, 0, blocks, randomBlocks);
	// The row of the last block is drawn and not used.
	return table.map((rows) => rows.slice(0, blocks - 2));
}

/** Whether the query block i may draw a block of a range that ends before `until`. */
function isLegal(i: number, block: number, until: number): boolean {
	if (Math.abs(block - i) <= 1 || block === 0 || block === until - 1) return false;
	return !(i === 1 && block === until - 2) && !(i === until - 2 && block === 1);
}
