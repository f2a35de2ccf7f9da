import { countBits } from "../attention/plan/statistics.js";
import { type AttentionGraph, addEdge, hasEdge } from "./graph.js";

/** What tokens know of after some layers. */
export interface Reach {
	/** Row r holds the nodes whose content can have come to r, itself included. */
	readonly graph: AttentionGraph;
	/** Number of nodes in each row. */
	readonly known: Int32Array;
}

/**
 * What each token knows of after 1, 2, … layers. A token always keeps its own (the residual connection). Ends with the last layer
 * that adds anything. What is given out is the caller's until the next is asked for.
 */
export function* reachByLayer(graph: AttentionGraph): Generator<Reach> {
	const { nodes, words } = graph;
	const seen = Array.from({ length: nodes }, (_, query) => {
		const keys: number[] = [];
		for (let key = 0; key < nodes; key++) if (key !== query && hasEdge(graph, query, key)) keys.push(key);
		return Int32Array.from(keys);
	});
	const causal = seen.every((keys, query) => (keys[keys.length - 1] ?? 0) <= query);
	let now: AttentionGraph = { nodes, words, bits: new Uint32Array(graph.bits.length) };
	let next: AttentionGraph = { ...now, bits: new Uint32Array(graph.bits.length) };
	const known = new Int32Array(nodes).fill(1);
	/** The words of each row that the last layer changed: all that is new to those who see it. */
	let news: number[][] = [];
	for (let node = 0; node < nodes; node++) {
		for (const { bits } of [now, next]) addEdge({ nodes, words, bits }, node, node);
		news.push([node >>> 5]);
	}
	for (;;) {
		const { bits } = now;
		news = seen.map((keys, query) => {
			const most = causal ? query + 1 : nodes;
			return learn(query, keys, news, bits, next, known, most);
		});
		if (news.every(({ length }) => length === 0)) return;
		yield { graph: next, known };
		[now, next] = [next, now];
		// The other copy is a layer behind.
		for (let query = 0; query < nodes; query++)
			for (const word of news[query] as number[])
				next.bits[query * words + word] = now.bits[query * words + word] as number;
	}
}

/** Adds to a token's row what is new to those it sees, until it knows all it can. Returns the words of the row that changed. */
function learn(
	query: number,
	keys: Int32Array,
	news: readonly (readonly number[])[],
	now: Uint32Array,
	{ words, bits: next }: AttentionGraph,
	known: Int32Array,
	most: number,
): number[] {
	const row = query * words;
	const changed: number[] = [];
	for (const key of keys) {
		if (known[query] === most) break;
		for (const word of news[key] as readonly number[]) {
			const before = next[row + word] as number;
			const after = (before | (now[key * words + word] as number)) >>> 0;
			if (after === before) continue;
			if (before === now[row + word]) changed.push(word);
			next[row + word] = after;
			known[query] = (known[query] as number) + countBits((after ^ before) >>> 0);
		}
	}
	return changed;
}
