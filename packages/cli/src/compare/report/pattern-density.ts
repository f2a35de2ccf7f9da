import { forEachPair, type TilePlan } from "longspan";

/** How densely the pairs of query and key are connected, on a grid of square cells. */
export interface Density {
	/** Cells per side. */
	readonly cells: number;
	/** Visible pairs divided by pairs, row by row. */
	readonly values: Float64Array;
}

const mostCells = 128;

/** Averages a plan over cells, one pair each for short sequences. */
export function planDensity(plan: TilePlan): Density {
	const n = Math.max(plan.rows, plan.columns);
	const cells = Math.min(n, mostCells);
	const values = new Float64Array(cells * cells);
	const cellOf = (position: number) => Math.floor((position * cells) / n);
	forEachPair(plan, (row, column) => {
		const cell = cellOf(row) * cells + cellOf(column);
		values[cell] = (values[cell] as number) + 1;
	});
	const pairs = (n / cells) ** 2;
	return { cells, values: values.map((count) => count / pairs) };
}

/** What a state connects: every pair, or those not after the query. */
export function stateDensity(cells: number, causal: boolean): Density {
	const values = new Float64Array(cells * cells);
	for (let row = 0; row < cells; row++) values.fill(1, row * cells, row * cells + (causal ? row + 1 : cells));
	return { cells, values };
}
