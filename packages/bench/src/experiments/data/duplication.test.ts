import { expect, it } from "vitest";
import { duplicationBatch, duplicationVocabulary } from "./duplication.js";

it("is 0w0w with symbols from 1 to 127", () => {
	const length = 64;
	const { ids, firstTarget } = duplicationBatch({ batch: 20, length, seed: 3 }, 0);
	const seen = new Set<number>();
	for (let start = 0; start < ids.length; start += length) {
		const row = [...ids.subarray(start, start + length)];
		expect(row[0]).toBe(0);
		expect(row.slice(0, 32)).toEqual(row.slice(32));
		for (const symbol of row.slice(1, 32)) seen.add(symbol);
	}
	expect(firstTarget).toBe(33);
	expect(Math.min(...seen)).toBe(1);
	expect(Math.max(...seen)).toBe(duplicationVocabulary - 1);
});

it("repeats for a seed and differs from batch to batch", () => {
	const sizes = { batch: 1, length: 32, seed: 3 };
	expect(duplicationBatch(sizes, 4)).toEqual(duplicationBatch(sizes, 4));
	expect(duplicationBatch(sizes, 4)).not.toEqual(duplicationBatch(sizes, 5));
	expect(() => duplicationBatch({ ...sizes, length: 33 }, 0)).toThrow(/^length is 33; expected an even number/);
});
