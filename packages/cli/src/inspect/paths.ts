import { type AttentionGraph, connectedShare, countLinks, hops, randomGraph, unionGraph } from "longspan";
import type { PathStatistics } from "./result.js";

/** Patterns that connect at least this share of the pairs are so dense that a random graph tells little. */
const densestCompared = 0.5;

/** The graph of the heads of one kind. */
export interface HeadGraph {
	readonly heads: readonly number[];
	readonly graph: AttentionGraph;
}

/**
 * Follows the paths of each kind of head, of a layer of all heads, and of a random graph with as many links as the layer, or as
 * the first heads where a layer is too dense, or as the sparsest where all are. There is none beside patterns of all pairs.
 */
export function followPaths(kinds: readonly HeadGraph[], causal: boolean, layers: number): PathStatistics[] {
	const layer = { heads: null, graph: layerGraph(kinds) };
	const { nodes } = layer.graph;
	const pairs = (nodes * (nodes - 1)) / (causal ? 2 : 1);
	const incomplete = [layer, ...kinds]
		.map(({ heads, graph }) => ({ heads, links: countLinks(graph) }))
		.filter(({ links }) => links < pairs);
	const compared =
		incomplete.find(({ links }) => links < densestCompared * pairs) ??
		incomplete.toSorted((a, b) => a.links - b.links)[0];
	const follow = (of: PathStatistics["of"], heads: PathStatistics["heads"], graph: AttentionGraph) =>
		statisticsOf(of, heads, graph, causal, layers);
	return [
		...(kinds.length > 1 ? kinds.map(({ heads, graph }) => follow("heads", heads, graph)) : []),
		follow("layer", null, layer.graph),
		...(compared
			? [follow("random graph", compared.heads, randomGraph(nodes, { edges: compared.links, causal }))]
			: []),
	];
}

/** What a layer sees that mixes all heads. */
export function layerGraph(kinds: readonly HeadGraph[]): AttentionGraph {
	return unionGraph(kinds.map(({ graph }) => graph));
}

function statisticsOf(
	of: PathStatistics["of"],
	heads: PathStatistics["heads"],
	graph: AttentionGraph,
	causal: boolean,
	layers: number,
): PathStatistics {
	const found = hops(graph, causal);
	const { pairs, connected, mean, diameter } = found;
	return {
		of,
		heads,
		links: countLinks(graph),
		connectedShare: Array.from({ length: layers }, (_, index) => connectedShare(found, index + 1)),
		meanHops: mean,
		diameter: Number.isFinite(diameter) ? diameter : null,
		unconnected: pairs - (connected[connected.length - 1] ?? 0),
	};
}
