import { type AttentionGraph, addEdge, hasEdge } from "./graph.js";

/**
 * What each token knows of after 1, 2, … layers: row r of the graph holds the nodes whose content can have come to r. A token
 * always keeps its own (the residual connection). Ends with the last layer that adds anything. The graph given out is the
 * caller's until the next one is asked for.
 */
export function* reachByLayer(graph: AttentionGraph): Generator<AttentionGraph> {
	const { nodes, words } = graph;
	const seen = Array.from({ length: nodes }, (_, query) => {
		const keys: number[] = [];
		for (let key = 0; key < nodes; key++) if (key !== query && hasEdge(graph, query, key)) keys.push(key);
		return Int32Array.from(keys);
	});
	let now: AttentionGraph = { nodes, words, bits: new Uint32Array(graph.bits.length) };
	let next: AttentionGraph = { ...now, bits: new Uint32Array(graph.bits.length) };
	for (let node = 0; node < nodes; node++) addEdge(now, node, node);
	while (step(seen, now, next)) {
		yield next;
		[now, next] = [next, now];
	}
}

/** One layer: each token adds what the tokens it sees know. Returns whether anything was new. */
function step(
	seen: readonly Int32Array[],
	{ words, bits: now }: AttentionGraph,
	{ bits: next }: AttentionGraph,
): boolean {
	let grown = false;
	seen.forEach((keys, query) => {
		const row = query * words;
		for (let word = 0; word < words; word++) next[row + word] = now[row + word] as number;
		for (const key of keys)
			for (let word = 0, from = key * words; word < words; word++, from++)
				next[row + word] = (next[row + word] as number) | (now[from] as number);
		for (let word = 0; word < words && !grown; word++) grown = next[row + word] !== now[row + word];
	});
	return grown;
}
