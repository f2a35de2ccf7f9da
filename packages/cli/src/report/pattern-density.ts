import type { AttentionGraph } from "longspan";
import { hasEdge } from "longspan";

/** How densely the pairs of query and key are connected, on a grid of square cells. */
export interface Density {
	/** Cells per side. */
	readonly cells: number;
	/** Visible pairs divided by pairs, row by row. */
	readonly values: Float64Array;
}

/** Averages a graph over at most `mostCells` × `mostCells` cells, one pair each where there is room. */
export function graphDensity(graph: AttentionGraph, mostCells = 128): Density {
	const { nodes } = graph;
	const cells = Math.min(nodes, mostCells);
	const cellOf = Int32Array.from({ length: nodes }, (_, node) => Math.floor((node * cells) / nodes));
	const sizes = new Float64Array(cells);
	for (const cell of cellOf) sizes[cell] = (sizes[cell] as number) + 1;
	const values = new Float64Array(cells * cells);
	for (let query = 0; query < nodes; query++)
		for (let key = 0; key < nodes; key++) {
			if (!hasEdge(graph, query, key)) continue;
			const [row, column] = [cellOf[query] as number, cellOf[key] as number];
			const pairs = (sizes[row] as number) * (sizes[column] as number);
			values[row * cells + column] = (values[row * cells + column] as number) + 1 / pairs;
		}
	return { cells, values };
}

/** What sees everything: every pair, or those not after the query. */
export function wholeDensity(cells: number, causal: boolean): Density {
	const values = new Float64Array(cells * cells);
	for (let row = 0; row < cells; row++) values.fill(1, row * cells, row * cells + (causal ? row + 1 : cells));
	return { cells, values };
}
