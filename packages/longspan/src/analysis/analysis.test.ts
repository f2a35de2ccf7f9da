import { describe, expect, it } from "vitest";
import {
	type Attention,
	addEdge,
	bandPattern,
	causalPattern,
	causalPlan,
	connectedShare,
	countEdges,
	countLinks,
	emptyGraph,
	full,
	fullPlan,
	hasEdge,
	headKinds,
	hops,
	OptionError,
	patternPlan,
	planGraph,
	randomGraph,
	receptiveFields,
	slidingWindow,
	stridedPattern,
	unionGraph,
} from "../index.js";
import type { AttentionGraph } from "./graph.js";

const kindsOf = (attention: Attention, n: number, heads = 1) => {
	const connectivity = attention.connectivity(n, heads);
	return connectivity.kind === "tiles" ? headKinds(connectivity.parts, heads) : [];
};
const graphOf = (attention: Attention, n: number): AttentionGraph =>
	planGraph(kindsOf(attention, n).flatMap(({ plans }) => plans));

/** A ring-less star: every node sees the hub, and the hub every node. */
function star(nodes: number): AttentionGraph {
	const graph = emptyGraph(nodes);
	for (let node = 1; node < nodes; node++) {
		addEdge(graph, node, 0);
		addEdge(graph, 0, node);
	}
	return graph;
}

/** Hops of every pair by a queue, one query at a time. */
function plainHops(graph: AttentionGraph): number[][] {
	return Array.from({ length: graph.nodes }, (_, query) => {
		const distance = new Array<number>(graph.nodes).fill(Number.POSITIVE_INFINITY);
		distance[query] = 0;
		const queue = [query];
		for (const node of queue)
			for (let key = 0; key < graph.nodes; key++)
				if (hasEdge(graph, node, key) && distance[key] === Number.POSITIVE_INFINITY) {
					distance[key] = (distance[node] as number) + 1;
					queue.push(key);
				}
		return distance;
	});
}

describe("graphs of attentions", () => {
	it("have an edge for every pair that is seen, once", () => {
		const graph = planGraph([causalPlan(70), causalPlan(70)]);
		expect(countEdges(graph)).toBe((70 * 71) / 2);
		expect(countLinks(graph)).toBe((70 * 69) / 2);
		expect([hasEdge(graph, 69, 0), hasEdge(graph, 0, 69), hasEdge(graph, 69, 69)]).toEqual([true, false, true]);
	});

	it("are told apart by head, and joined for a layer", () => {
		const kinds = kindsOf(slidingWindow({ window: 2, dilation: [1, 3, 1] }), 40, 3);
		expect(kinds.map(({ heads }) => heads)).toEqual([[0, 2], [1]]);
		const [near, far] = kinds.map(({ plans }) => planGraph(plans)) as [AttentionGraph, AttentionGraph];
		const both = unionGraph([near, far]);
		expect(hasEdge(near, 20, 23) || hasEdge(far, 20, 21)).toBe(false);
		expect([21, 22, 23, 24, 26].map((key) => hasEdge(both, 20, key))).toEqual([true, true, true, false, true]);
	});

	it("are refused where they would be large", () => {
		expect(() => planGraph([causalPlan(8193)])).toThrow(OptionError);
		expect(() => planGraph([causalPlan(8193)])).toThrow(/nodes is 8193; expected an integer from 1 to 8192/);
		expect(() => unionGraph([emptyGraph(3), emptyGraph(4)])).toThrow(/a graph has 4 nodes; expected 3/);
	});
});

describe("hops", () => {
	it("are one to everything in full attention", () => {
		for (const causal of [true, false]) {
			const found = hops(graphOf(full({ causal }), 50), causal);
			expect(found).toEqual({ pairs: causal ? 1225 : 2450, connected: [found.pairs], mean: 1, diameter: 1 });
		}
	});

	it.each([
		[1, 100, true],
		[3, 100, false],
		[7, 99, true],
		[16, 33, false],
	])("cross a window of ±%i over %i tokens in ceil((n - 1) / w) layers, causal: %j", (window, n, causal) => {
		const found = hops(graphOf(slidingWindow({ window, causal }), n), causal);
		expect(found.diameter).toBe(Math.ceil((n - 1) / window));
		// Pairs at most L w apart are connected within L layers.
		found.connected.forEach((count, index) => {
			const reach = Math.min(n - 1, (index + 1) * window);
			expect(count).toBe(((2 * n - 1 - reach) * reach) / (causal ? 2 : 1));
		});
	});

	it("are at most two through the hub of a star", () => {
		const found = hops(star(40));
		expect(found.diameter).toBe(2);
		expect(found.connected).toEqual([2 * 39, 40 * 39]);
		expect(found.mean).toBeCloseTo((2 * 39 + 2 * (40 * 39 - 2 * 39)) / (40 * 39), 12);
	});

	it("are two in the union of a local and a strided head, not in either", () => {
		const [n, stride] = [144, 12];
		const causal = (visible: ReturnType<typeof bandPattern>) =>
			planGraph([patternPlan(n, n, visible.and(causalPattern()))]);
		const local = causal(bandPattern(-stride, 0));
		const strided = causal(stridedPattern(stride));
		expect(hops(unionGraph([local, strided]), true).diameter).toBe(2);
		expect(hops(local, true).diameter).toBe(Math.ceil((n - 1) / stride));
		expect(hops(strided, true).diameter).toBe(Number.POSITIVE_INFINITY);
	});

	it("tell what is never connected", () => {
		const alone = hops(graphOf(slidingWindow({ window: 0 }), 10));
		expect(alone).toEqual({ pairs: 90, connected: [], mean: 0, diameter: Number.POSITIVE_INFINITY });
		expect([connectedShare(alone, 5), connectedShare(hops(emptyGraph(1)), 1)]).toEqual([0, 1]);
		expect(hops(planGraph([fullPlan(1, 1)])).diameter).toBe(0);
	});

	it.each([0, 1, 2])("are those of a plain breadth-first search (random graph %i)", (seed) => {
		const graph = randomGraph(60, { edges: 150, seed });
		const expected = plainHops(graph).flat();
		const found = hops(graph);
		const finite = expected.filter((distance) => distance > 0 && distance < Number.POSITIVE_INFINITY);
		expect(found.mean).toBeCloseTo(finite.reduce((sum, distance) => sum + distance, 0) / finite.length, 12);
		expect(found.diameter).toBe(Math.max(...expected));
		for (const layers of [1, 2, 3, 99])
			expect(connectedShare(found, layers)).toBeCloseTo(
				finite.filter((distance) => distance <= layers).length / (60 * 59),
				12,
			);
	});
});

describe("receptive fields", () => {
	it("widen by the window with every layer", () => {
		const fields = receptiveFields(graphOf(slidingWindow({ window: 4, causal: true }), 30), 9);
		expect(fields.map(({ before }) => before)).toEqual([4, 8, 12, 16, 20, 24, 28, 29, 29]);
		expect(fields.map(({ most }) => most)).toEqual([5, 9, 13, 17, 21, 25, 29, 30, 30]);
		expect(fields.map(({ layers }) => layers)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
		expect(fields[8]).toMatchObject({ fewest: 1, mean: 15.5, after: 0 });
	});

	it("look both ways unless causal, and stay where nothing is seen", () => {
		const [field] = receptiveFields(graphOf(slidingWindow({ window: 2, dilation: 20 }), 100), 1);
		expect(field).toMatchObject({ before: 40, after: 40, most: 5, fewest: 3 });
		expect(receptiveFields(emptyGraph(5), 2)[1]).toEqual({
			layers: 2,
			mean: 1,
			fewest: 1,
			most: 1,
			before: 0,
			after: 0,
		});
	});
});

describe("randomGraph", () => {
	it("has the edges asked for, none to itself, and none to later nodes if causal", () => {
		for (const causal of [true, false]) {
			const graph = randomGraph(80, { edges: 500, causal });
			expect([countEdges(graph), countLinks(graph)]).toEqual([500, 500]);
			let later = 0;
			for (let query = 0; query < 80; query++)
				for (let key = query + 1; key < 80; key++) later += Number(hasEdge(graph, query, key));
			expect(later > 0).toBe(!causal);
		}
	});

	it("is the same for the same seed, takes every pair as often, and can be complete", () => {
		expect(randomGraph(40, { edges: 90, seed: 1 })).toEqual(randomGraph(40, { edges: 90, seed: 1 }));
		const counts = new Float64Array(12 * 12);
		for (let seed = 0; seed < 400; seed++) {
			const graph = randomGraph(12, { edges: 33, seed });
			for (let pair = 0; pair < 144; pair++)
				counts[pair] = (counts[pair] as number) + Number(hasEdge(graph, Math.floor(pair / 12), pair % 12));
		}
		// 400 draws with probability 1/4: deviation 8.7, so that four of them are rare among 132 pairs.
		for (let pair = 0; pair < 144; pair++)
			if (pair % 13 !== 0) expect(Math.abs((counts[pair] as number) - 100)).toBeLessThan(40);
		expect(hops(randomGraph(20, { edges: 380 })).diameter).toBe(1);
		expect(() => randomGraph(20, { edges: 381 })).toThrow(/edges is 381; expected an integer from 0 to 380/);
	});

	it("connects everything within about log n / log d hops", () => {
		const found = hops(randomGraph(1024, { edges: 1024 * 16 }));
		expect(found.mean).toBeGreaterThan(2);
		expect(found.mean).toBeLessThan(3.2);
		expect(found.diameter).toBeLessThan(6);
	});
});
