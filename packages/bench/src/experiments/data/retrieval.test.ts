import { describe, expect, it } from "vitest";
import { ignored, type RetrievalSizes, retrievalBatch } from "./retrieval.js";

const sizes: RetrievalSizes = { batch: 100, length: 90, keys: 5, values: 7, passage: 15, seed: 1 };

describe("retrieval", () => {
	const { ids, targets, distances } = retrievalBatch(sizes, 0);
	const rows = Array.from({ length: sizes.batch }, (_, entry) => {
		const own = (all: Int32Array) => all.subarray(entry * sizes.length, (entry + 1) * sizes.length);
		return { ids: own(ids), targets: own(targets), distances: own(distances) };
	});
	const inPassage = (id: number) => id >= sizes.keys;

	it("gives each key its value in one passage, and asks for it everywhere else", () => {
		for (const row of rows) {
			const places = [...row.ids.keys()].filter((at) => inPassage(row.ids[at] as number));
			const [start, end] = [places[0] as number, places.at(-1) as number];
			expect(places).toHaveLength(sizes.passage);
			expect(end - start + 1).toBe(sizes.passage);
			const told = places.map((at) => row.ids[at] as number);
			row.ids.forEach((id, at) => {
				const expected = told.filter((pair) => pair % sizes.keys === id % sizes.keys);
				expect(expected).toHaveLength(sizes.passage / sizes.keys);
				expect(new Set(expected).size).toBe(1);
				const value = Math.floor((expected[0] as number) / sizes.keys) - 1;
				expect(row.targets[at]).toBe(inPassage(id) ? ignored : value);
				expect(row.distances[at]).toBe(at < start ? start - at : Math.max(0, at - end));
			});
		}
	});

	it("begins with each key once, and has its passage anywhere behind them", () => {
		for (const row of rows) expect([...row.ids.subarray(0, sizes.keys)]).toEqual([0, 1, 2, 3, 4]);
		const starts = rows.map((row) => row.ids.findIndex(inPassage));
		expect(Math.min(...starts)).toBeLessThan(12);
		expect(Math.max(...starts)).toBeGreaterThan(68);
	});

	it("has all values about as often", () => {
		for (let value = 0; value < sizes.values; value++)
			expect(targets.filter((target) => target === value).length).toBeGreaterThan(targets.length / sizes.values / 2);
	});
});

it("repeats for a seed, and refuses what does not fit", () => {
	expect(retrievalBatch(sizes, 2)).toEqual(retrievalBatch(sizes, 2));
	expect(retrievalBatch(sizes, 2).ids).not.toEqual(retrievalBatch(sizes, 3).ids);
	expect(() => retrievalBatch({ ...sizes, passage: 16 }, 0)).toThrow(/^passage is 16; expected a multiple of keys, 5/);
	expect(() => retrievalBatch({ ...sizes, length: 19 }, 0)).toThrow(/^length is 19; expected at least 20/);
});
