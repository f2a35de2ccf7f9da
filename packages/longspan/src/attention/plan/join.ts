import { OptionError } from "../../errors.js";
import { type TilePlan, type TileRun, tileSize, tilesFor } from "./tile-plan.js";

function columnSlots({ columns, columnOrder }: TilePlan): Int32Array {
	if (columnOrder) return columnOrder;
	const slots = new Int32Array(tilesFor(columns) * tileSize).fill(-1);
	for (let column = 0; column < columns; column++) slots[column] = column;
	return slots;
}

/**
 * One plan that shows the pairs of all plans, their columns side by side: a window, and beside it a list of global keys. A pair
 * that several plans show counts several times, as in `mergeSoftmax`, but in one pass. The plans must have the same rows in the
 * same order.
 */
export function joinPlans(...plans: readonly TilePlan[]): TilePlan {
	const [head, ...others] = plans;
	if (!head) throw new OptionError("joinPlans: no plan was given; expected at least one");
	if (others.length === 0) return head;
	for (const plan of others)
		if (plan.rows !== head.rows || plan.columns !== head.columns || plan.rowOrder !== head.rowOrder)
			throw new OptionError(
				"joinPlans: the plans have different rows or another number of keys; run them one by one and merge them with mergeSoftmax",
			);
	const orders = plans.map(columnSlots);
	const firstTiles = orders.map(
		(_, at) => orders.slice(0, at).reduce((sum, order) => sum + order.length, 0) / tileSize,
	);
	const firstRules = plans.map((_, at) => plans.slice(0, at).reduce((sum, { rules }) => sum + rules.length, 0));
	const columnOrder = new Int32Array(orders.reduce((sum, order) => sum + order.length, 0));
	orders.forEach((order, at) => {
		columnOrder.set(order, (firstTiles[at] as number) * tileSize);
	});
	return {
		...head,
		columnOrder,
		runs: head.runs.map((_, tile) =>
			plans.flatMap(({ runs }, at) =>
				(runs[tile] as readonly TileRun[]).map((run) => ({
					...run,
					firstTile: run.firstTile + (firstTiles[at] as number),
					rule: run.rule + (firstRules[at] as number),
				})),
			),
		),
		rules: plans.flatMap(({ rules }) => rules),
	};
}
