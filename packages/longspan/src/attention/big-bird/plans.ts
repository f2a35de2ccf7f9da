import { type BlockRange, blockPlan } from "../plan/blocks.js";
import type { HeadPlans } from "../plan/encode.js";
import type { TilePlan } from "../plan/tile-plan.js";
import type { BlockLayout } from "./layout.js";
import type { RandomTable } from "./random-blocks.js";

/** A plan for each head; heads with the same random blocks share one. */
export function bigBirdPlans(layout: BlockLayout, table: RandomTable): HeadPlans {
	const plans = new Map<string, TilePlan>();
	const names = table.map((rows) => {
		const name = rows.map((row) => row.join()).join(";");
		if (!plans.has(name)) plans.set(name, headPlan(layout, rows));
		return name;
	});
	const order = [...plans.keys()];
	return { plans: [...plans.values()], headMap: names.map((name) => order.indexOf(name)) };
}

/** Blocks that are drawn several times, or drawn where they are seen anyway, count several times. */
function headPlan(layout: BlockLayout, random: readonly (readonly number[])[]): TilePlan {
	const one = (block: number): BlockRange => ({ first: block, last: block });
	return blockPlan({
		rows: layout.length,
		columns: layout.length,
		rowBlock: layout.blockSize,
		sees: (block): BlockRange[] => {
			if (layout.isGlobal(block)) return [{ first: 0, last: layout.blocks - 1 }];
			const drawn = random[block - layout.endFirst] as readonly number[];
			return [...layout.fixedBlocks(block), ...drawn].map(one);
		},
	});
}
