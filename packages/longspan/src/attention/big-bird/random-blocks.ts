import { OptionError } from "../../errors.js";
import { sampleSet } from "../random/sample.js";
import type { BlockLayout } from "./layout.js";
import { MersenneTwister } from "./mt19937.js";

/** Random key blocks by head and query block: [heads][blocks that are not global][random blocks], a multiset for each. */
export type RandomTable = readonly (readonly (readonly number[])[])[];

/**
 * Blocks drawn without bias: for every head and query block `randomBlocks` different ones among those that are neither in its window
 * nor global, each set with the same probability; all of them where there are no more.
 */
export function unbiasedTable(layout: BlockLayout, heads: number, randomBlocks: number, seed: number): RandomTable {
	const random = new MersenneTwister(seed);
	const rows = layout.middleBlocks();
	return Array.from({ length: heads }, () =>
		rows.map((block) => {
			const seen = layout.fixedBlocks(block);
			const others = layout.blocks - seen.length;
			const drawn = sampleSet(others, Math.min(randomBlocks, others), (max) => random.upTo(max));
			return [...drawn].map((index) => skip(index, seen));
		}),
	);
}

/** The block with this index among those not in `seen` (ascending). */
function skip(index: number, seen: readonly number[]): number {
	let block = index;
	for (const other of seen) if (other <= block) block++;
	return block;
}

/** The same block 0 for every random block. */
export function zeroTable(layout: BlockLayout, heads: number, randomBlocks: number): RandomTable {
	const rows = layout.middleBlocks().map(() => new Array<number>(randomBlocks).fill(0));
	return Array.from({ length: heads }, () => rows);
}

/** Checks a table that was given: rows for every head and block, of any number of blocks. */
export function checkTable(name: string, table: RandomTable, layout: BlockLayout, heads: number): void {
	const rows = layout.middleBlocks().length;
	if (!Array.isArray(table) || table.length !== heads || table.some((list) => list?.length !== rows))
		throw new OptionError(
			`${name}: randomTable has ${table?.length} heads and ${table?.[0]?.length} rows; expected ${heads} heads and ${rows} rows, one for each block that is not global`,
		);
	for (const list of table)
		for (const block of list.flat())
			if (!Number.isInteger(block) || block < 0 || block >= layout.blocks)
				throw new OptionError(
					`${name}: randomTable names block ${block}; expected 0 to ${layout.blocks - 1} (length ${layout.length}, blocks of ${layout.blockSize})`,
				);
}
