import type { AttentionGraph } from "./graph.js";
import { reachByLayer } from "./reach.js";

/** How many layers it takes for one token to know of another. */
export interface Hops {
	/** Pairs of two different nodes that could be connected: all of them, or with a key before the query if causal. */
	readonly pairs: number;
	/** How many of them are connected within 1, 2, … layers, up to the last layer that connects any. */
	readonly connected: readonly number[];
	/** Mean number of layers over the pairs that are connected at all; 0 if none is. */
	readonly mean: number;
	/** Most layers any pair takes; Infinity if some are never connected. */
	readonly diameter: number;
}

/**
 * Lengths of the shortest paths from queries to keys, by breadth-first search from all queries at once. A stack of L equal
 * layers of this attention can bring a token's content to another if they are at most L hops apart.
 */
export function hops(graph: AttentionGraph, causal = false): Hops {
	const pairs = (graph.nodes * (graph.nodes - 1)) / (causal ? 2 : 1);
	const connected: number[] = [];
	for (const { known } of reachByLayer(graph))
		connected.push(known.reduce((sum, count) => sum + count, 0) - graph.nodes);
	const ever = connected[connected.length - 1] ?? 0;
	const layers = connected.reduce((sum, count, index) => sum + (index + 1) * (count - (connected[index - 1] ?? 0)), 0);
	return {
		pairs,
		connected,
		mean: ever === 0 ? 0 : layers / ever,
		diameter: ever < pairs ? Number.POSITIVE_INFINITY : connected.length,
	};
}

/** Share of the pairs that are connected within a number of layers; 1 if there are no pairs. */
export function connectedShare({ pairs, connected }: Hops, layers: number): number {
	if (pairs === 0) return 1;
	return layers < 1 ? 0 : (connected[Math.min(layers, connected.length) - 1] ?? 0) / pairs;
}
