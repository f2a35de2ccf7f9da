import { describe, expect, it } from "vitest";
import { type RetrievalSizes, retrievalBatch, retrievalTokens } from "./retrieval.js";

const sizes: RetrievalSizes = {
	batch: 200,
	length: 101,
	pairs: 4,
	keys: 6,
	values: 5,
	distance: 40,
	question: "first",
	seed: 1,
};
const tokens = retrievalTokens(sizes);

describe.each(["first", "last"] as const)("with the question %s", (question) => {
	const { ids, position, answers } = retrievalBatch({ ...sizes, question }, 0);
	const rows = Array.from({ length: sizes.batch }, (_, entry) =>
		ids.subarray(entry * sizes.length, (entry + 1) * sizes.length),
	);

	it("the answer is the value after the key asked for", () => {
		rows.forEach((row, entry) => {
			const key = (row[position] as number) - tokens.question + tokens.key;
			expect([...row].filter((token) => token === key)).toHaveLength(1);
			expect(row[row.indexOf(key) + 1]).toBe(tokens.value + (answers[entry] as number));
		});
	});

	it("has as many pairs as asked for, all far from the question, and filler else", () => {
		for (const row of rows) {
			const used = [...row.keys()].filter((at) => row[at] !== 0 && at !== position);
			expect(used).toHaveLength(2 * sizes.pairs);
			for (const at of used) expect(Math.abs(at - position)).toBeGreaterThanOrEqual(sizes.distance);
			expect(Math.max(...row)).toBeLessThan(tokens.vocabulary);
		}
	});

	it("has all values as answers about as often", () => {
		for (let value = 0; value < sizes.values; value++)
			expect(answers.filter((answer) => answer === value).length).toBeGreaterThan(sizes.batch / sizes.values / 2);
	});
});

it("repeats for a seed, and refuses what does not fit", () => {
	expect(retrievalBatch(sizes, 2)).toEqual(retrievalBatch(sizes, 2));
	expect(retrievalBatch(sizes, 2).ids).not.toEqual(retrievalBatch(sizes, 3).ids);
	expect(() => retrievalBatch({ ...sizes, pairs: 7 }, 0)).toThrow(/^pairs is 7; expected at most as many as keys, 6/);
	expect(() => retrievalBatch({ ...sizes, distance: 94 }, 0)).toThrow(/^distance is 94; expected at most 93/);
});
