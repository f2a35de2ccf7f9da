import { type BlockRange, blockPlan } from "../plan/blocks.js";
import type { HeadPlans } from "../plan/encode.js";
import type { TilePlan, TileRun } from "../plan/tile-plan.js";
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

/**
 * Blocks that count several times are run several times: a weight by logarithm would be rounded to float32, and the released layout
 * computes them as often.
 */
function headPlan(layout: BlockLayout, random: readonly (readonly number[])[]): TilePlan {
	const counts = random.map((blocks, row) => {
		const seen = new Map<number, number>();
		for (const block of [...layout.fixedBlocks(row + layout.endFirst), ...blocks])
			seen.set(block, (seen.get(block) ?? 0) + 1);
		return seen;
	});
	const most = counts.reduce((sum, seen) => Math.max(sum, ...seen.values()), 1);
	const copies = Array.from({ length: most }, (_, copy) =>
		blockPlan({
			rows: layout.length,
			columns: layout.length,
			rowBlock: layout.blockSize,
			sees: (block): BlockRange[] => {
				if (layout.isGlobal(block)) return copy === 0 ? [{ first: 0, last: layout.blocks - 1 }] : [];
				const seen = counts[block - layout.endFirst] as Map<number, number>;
				return [...seen].filter(([, count]) => count > copy).map(([at]) => ({ first: at, last: at }));
			},
		}),
	);
	return overlay(copies);
}

/** One plan with the runs of all, so that what several of them show counts several times. */
function overlay(plans: readonly TilePlan[]): TilePlan {
	const head = plans[0] as TilePlan;
	const firstRules = plans.map((_, at) => plans.slice(0, at).reduce((sum, { rules }) => sum + rules.length, 0));
	const runsOf = ({ runs }: TilePlan, at: number, tile: number) =>
		(runs[tile] as readonly TileRun[]).map((run) => ({ ...run, rule: run.rule + (firstRules[at] as number) }));
	return {
		...head,
		runs: head.runs.map((_, tile) => plans.flatMap((plan, at) => runsOf(plan, at, tile))),
		rules: plans.flatMap(({ rules }) => rules),
	};
}
