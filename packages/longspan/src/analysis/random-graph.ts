import { OptionError } from "../errors.js";
import { type AttentionGraph, addEdge, emptyGraph } from "./graph.js";

export interface RandomGraphOptions {
	/** Edges between different nodes. */
	edges: number;
	/** Only edges to earlier nodes. Default: false. */
	causal?: boolean;
	/** Default: 0. */
	seed?: number;
}

/** Numbers uniform in [0, 1) from a 32-bit counter scrambled by the finaliser of MurmurHash3; the same for the same seed. */
function uniformNumbers(seed: number): () => number {
	let counter = 0;
	return () => {
		let hash = (Math.imul(counter++, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b)) | 0;
		for (const factor of [0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f]) hash = Math.imul(hash ^ (hash >>> 15), factor);
		return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
	};
}

/**
 * A directed Erdős–Rényi graph G(n, m): one of all graphs with this number of edges, each as likely. What a pattern's paths
 * are held against: random graphs connect everything within about log n / log(m / n) hops.
 *
 * @throws OptionError for more edges than there are pairs
 */
export function randomGraph(nodes: number, { edges, causal = false, seed = 0 }: RandomGraphOptions): AttentionGraph {
	const graph = emptyGraph(nodes);
	const pairs = (nodes * (nodes - 1)) / (causal ? 2 : 1);
	if (!Number.isInteger(edges) || edges < 0 || edges > pairs)
		throw new OptionError(`randomGraph: edges is ${edges}; expected an integer from 0 to ${pairs}`);
	const uniform = uniformNumbers(seed);
	// Selection sampling: each pair in turn is taken with the share of edges still to be drawn among the pairs to come.
	let [toDraw, toCome] = [edges, pairs];
	for (let query = 0; query < nodes; query++)
		for (let key = 0; key < (causal ? query : nodes); key++) {
			if (key === query) continue;
			if (uniform() * toCome-- >= toDraw) continue;
			addEdge(graph, query, key);
			toDraw--;
		}
	return graph;
}
