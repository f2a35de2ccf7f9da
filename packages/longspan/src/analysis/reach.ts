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
	const knowsAll = fullness(seen, words);
	let now: AttentionGraph = { nodes, words, bits: new Uint32Array(graph.bits.length) };
	let next: AttentionGraph = { ...now, bits: new Uint32Array(graph.bits.length) };
	for (let node = 0; node < nodes; node++) addEdge(now, node, node);
	next.bits.set(graph.bits);
	for (let node = 0; node < nodes; node++) addEdge(next, node, node);
	// The first layer is the graph itself.
	let grown = seen.map(({ length }) => length > 0);
	while (grown.includes(true)) {
		yield next;
		[now, next] = [next, now];
		grown = step(seen, grown, knowsAll, now, next);
	}
}

/** Whether a row holds the most it can: all nodes, or those up to its own if none sees a later one. */
function fullness(seen: readonly Int32Array[], words: number): (bits: Uint32Array, query: number) => boolean {
	const nodes = seen.length;
	const causal = seen.every((keys, query) => (keys[keys.length - 1] ?? 0) <= query);
	const all = 0xffffffff;
	return (bits, query) => {
		const last = causal ? query : nodes - 1;
		const at = query * words;
		for (let word = 0; word < last >>> 5; word++) if (bits[at + word] !== all) return false;
		return bits[at + (last >>> 5)] === all >>> (31 - (last & 31));
	};
}

/**
 * One layer: each token adds what the tokens it sees know. Those that learned nothing in the layer before have nothing to add, and
 * a token that knows everything takes nothing more. Returns which tokens learned anything.
 */
function step(
	seen: readonly Int32Array[],
	grown: readonly boolean[],
	knowsAll: (bits: Uint32Array, query: number) => boolean,
	{ words, bits: now }: AttentionGraph,
	{ bits: next }: AttentionGraph,
): boolean[] {
	next.set(now);
	return seen.map((keys, query) => {
		if (knowsAll(now, query)) return false;
		const row = query * words;
		for (const key of keys) {
			if (!grown[key]) continue;
			for (let word = 0, from = key * words; word < words; word++, from++)
				next[row + word] = (next[row + word] as number) | (now[from] as number);
			if (knowsAll(next, query)) return true;
		}
		for (let word = 0; word < words; word++) if (next[row + word] !== now[row + word]) return true;
		return false;
	});
}
