import { countBits, forEachPair } from "../attention/plan/statistics.js";
import type { TilePlan } from "../attention/plan/tile-plan.js";
import { OptionError } from "../errors.js";

/** Most nodes of a graph: it takes a bit for each pair of them, which suits the analysis of a pattern, not its use. */
export const mostGraphNodes = 8192;

/**
 * Who sees whom: a directed graph with an edge from each query to each key it sees. Nodes are the tokens, and after them the
 * extra ones of mechanisms that have some.
 */
export interface AttentionGraph {
	readonly nodes: number;
	/** Words per row of `bits`. */
	readonly words: number;
	/** Bit c % 32 of word r * words + c / 32: whether node r sees node c. */
	readonly bits: Uint32Array;
}

/** A graph without edges. Throws `OptionError` beyond `mostGraphNodes`. */
export function emptyGraph(nodes: number): AttentionGraph {
	if (!Number.isInteger(nodes) || nodes < 1 || nodes > mostGraphNodes)
		throw new OptionError(
			`graph: nodes is ${nodes}; expected an integer from 1 to ${mostGraphNodes}: look at a pattern at a shorter length`,
		);
	const words = Math.ceil(nodes / 32);
	return { nodes, words, bits: new Uint32Array(nodes * words) };
}

/** Adds the edge from a query to a key. */
export function addEdge({ words, bits }: AttentionGraph, query: number, key: number): void {
	const word = query * words + (key >>> 5);
	bits[word] = (bits[word] as number) | (1 << (key & 31));
}

/** Whether a query sees a key. */
export function hasEdge({ words, bits }: AttentionGraph, query: number, key: number): boolean {
	return (((bits[query * words + (key >>> 5)] as number) >>> (key & 31)) & 1) === 1;
}

/**
 * The pairs that plans show together, such as those of a `HeadKind`. A pair shown several times is one edge.
 *
 * @throws OptionError for more than `mostGraphNodes` rows or columns
 */
export function planGraph(plans: readonly TilePlan[]): AttentionGraph {
	const graph = emptyGraph(Math.max(...plans.map(({ rows, columns }) => Math.max(rows, columns))));
	for (const plan of plans) forEachPair(plan, (row, column) => addEdge(graph, row, column));
	return graph;
}

/** All edges of graphs with the same number of nodes: what a layer sees whose heads are these. */
export function unionGraph(graphs: readonly AttentionGraph[]): AttentionGraph {
	const union = emptyGraph(graphs[0]?.nodes ?? 0);
	for (const { bits, nodes } of graphs) {
		if (nodes !== union.nodes)
			throw new OptionError(`unionGraph: a graph has ${nodes} nodes; expected ${union.nodes}, as the first has`);
		bits.forEach((word, index) => {
			union.bits[index] = (union.bits[index] as number) | word;
		});
	}
	return union;
}

/** Pairs of a node and one that it sees, itself included where it does. */
export function countEdges({ bits }: Pick<AttentionGraph, "bits">): number {
	let count = 0;
	for (const word of bits) count += countBits(word);
	return count;
}

/** Edges between different nodes. */
export function countLinks(graph: AttentionGraph): number {
	let loops = 0;
	for (let node = 0; node < graph.nodes; node++) loops += Number(hasEdge(graph, node, node));
	return countEdges(graph) - loops;
}
