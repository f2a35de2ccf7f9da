import { describe, expect, it } from "vitest";
import { normals } from "../testing/random-values.js";
import { probabilitiesOf } from "./probabilities.js";
import { SpanSearch } from "./spans.js";
import { strideWindows, type TextWindow, wholeWindow } from "./windows.js";

const tokens = 200;
const longest = 6;
const starts = normals(tokens, 1, 3);
const ends = normals(tokens, 2, 3);
/** Every tenth token is no place for an answer. */
const answerable = Uint8Array.from({ length: tokens }, (_, token) => (token % 10 === 9 ? 0 : 1));

/** Spans as found in windows whose first token is a special one with these scores. */
function search(windows: readonly TextWindow[], count: number, none: readonly [number, number]) {
	const found = new SpanSearch(answerable, longest, count);
	for (const window of windows) {
		const part = (scores: readonly number[], first: number) => [first, ...scores.slice(window.begin, window.end)];
		found.add(window, { starts: part(starts, none[0]), ends: part(ends, none[1]), textAt: 1 }, true);
	}
	return found.best();
}

describe("SpanSearch", () => {
	it("finds the likeliest spans of all, probabilities over the answerable tokens and the first", () => {
		const hidden = (scores: readonly number[]) =>
			scores.map((score, token) => (answerable[token] ? score : Number.NEGATIVE_INFINITY));
		const [p, q] = [
			[1, ...hidden(starts)],
			[-2, ...hidden(ends)],
		].map(probabilitiesOf) as [Float64Array, Float64Array];
		const all = [];
		for (let first = 0; first < tokens; first++)
			for (let last = first; last < Math.min(tokens, first + longest); last++)
				all.push({ first, last, score: (p[first + 1] as number) * (q[last + 1] as number) });
		all.sort((a, b) => b.score - a.score);
		const found = search([wholeWindow(tokens)], 20, [1, -2]);
		for (const [rank, { first, last, score }] of all.slice(0, 20).entries()) {
			expect(found[rank]).toMatchObject({ first, last });
			expect(found[rank]?.score).toBeCloseTo(score, 12);
		}
	});

	it.each([
		[40, 10],
		[17, 9],
		[199, 5],
	])("finds the same in windows of %i tokens that share %i", (capacity, overlap) => {
		const none = Number.NEGATIVE_INFINITY;
		const whole = search([wholeWindow(tokens)], 30, [none, none]);
		const parts = search(strideWindows(tokens, capacity, overlap), 30, [none, none]);
		expect(parts.map(({ first, last }) => [first, last])).toEqual(whole.map(({ first, last }) => [first, last]));
		for (const [rank, { score }] of parts.entries()) expect(score).toBeCloseTo(whole[rank]?.score as number, 12);
	});
});
