import { describe, expect, it } from "vitest";
import { OptionError } from "../errors.js";
import { type SampleTokenOptions, sampleToken } from "./sample-token.js";

const scores = (...values: number[]) => Float32Array.from(values);
/** Scores whose probabilities at temperature 1 are the ones given, up to a factor. */
const scoresOf = (...weights: number[]) => Float32Array.from(weights, Math.log);

/** How often each id is drawn at the positions 0 to count - 1. */
function counts(logits: Float32Array, count: number, options: SampleTokenOptions): number[] {
	const drawn = new Array<number>(logits.length).fill(0);
	for (let position = 0; position < count; position++) {
		const id = sampleToken(logits, { ...options, position });
		drawn[id] = (drawn[id] as number) + 1;
	}
	return drawn;
}

/** Pearson's statistic of the counts against the expected shares, which sum to 1. */
function chiSquare(drawn: readonly number[], shares: readonly number[]): number {
	const total = drawn.reduce((a, b) => a + b, 0);
	return shares.reduce((sum, share, id) => {
		const expected = share * total;
		return expected === 0 ? sum : sum + ((drawn[id] as number) - expected) ** 2 / expected;
	}, 0);
}

const drawnIds = (drawn: readonly number[]) => drawn.flatMap((count, id) => (count > 0 ? [id] : []));

describe("sampleToken", () => {
	it.each([
		["as given", 1, {}, [0.4, 0, 0.1, 0.3, 0.2]],
		["sharper below temperature 1", 0.5, {}, [16 / 30, 0, 1 / 30, 9 / 30, 4 / 30]],
		["of the top k, among themselves", 1, { topK: 3 }, [4 / 9, 0, 0, 3 / 9, 2 / 9]],
		["of the nucleus, among themselves", 1, { topP: 0.65 }, [4 / 7, 0, 0, 3 / 7, 0]],
	] as const)("draws tokens with their probabilities, %s", (_, temperature, limits, shares) => {
		const drawn = counts(scoresOf(4, 0, 1, 3, 2), 20_000, { temperature, ...limits, seed: 5 });
		expect(drawnIds(drawn)).toEqual(shares.flatMap((share, id) => (share > 0 ? [id] : [])));
		// Four tokens at most: above 16.3 in one of a thousand seeds.
		expect(chiSquare(drawn, shares)).toBeLessThan(16.3);
	});

	it("draws from the top k and the nucleus, of equal scores the lower ids", () => {
		const drawn = (logits: Float32Array, options: SampleTokenOptions) =>
			drawnIds(counts(logits, 400, { ...options, seed: 1 }));
		expect(drawn(scores(1, 2, 2, 2, 0), { topK: 2 })).toEqual([1, 2]);
		expect(drawn(scores(0, 0, 0, 0), { topP: 0.5 })).toEqual([0, 1]);
		expect(drawn(scores(0, 0, 0, 0), { topP: 0.51 })).toEqual([0, 1, 2]);
		expect(drawn(scoresOf(1, 5, 4), { topP: 1e-9 })).toEqual([1]);
		// 5 of 9 are enough once the top two are all there is.
		expect(drawn(scoresOf(1, 5, 4), { topK: 2, topP: 0.55 })).toEqual([1]);
		expect(drawn(scoresOf(1, 5, 4), { topP: 0.55 })).toEqual([1, 2]);
		expect(drawn(scoresOf(1, 5, 4), { topK: 9 })).toEqual([0, 1, 2]);
	});

	it("takes the likeliest, of equal ones the lowest id, at temperature 0", () => {
		expect(sampleToken(scores(1, 3, 3, 2), { temperature: 0, seed: 9 })).toBe(1);
		expect(counts(scores(1, 3, 3, 2), 50, { topK: 1 })).toEqual([0, 50, 0, 0]);
	});

	it("gives the same token for the same seed and position only", () => {
		const even = new Float32Array(1000);
		const draw = (seed: number, position: number) => sampleToken(even, { seed, position });
		expect(draw(3, 7)).toBe(draw(3, 7));
		const ids = [draw(3, 7), draw(3, 8), draw(4, 7), draw(3 + 2 ** 32, 7), draw(3, 7 + 2 ** 32)];
		expect(new Set(ids).size).toBe(ids.length);
	});

	it("keeps to numbers whatever the scores", () => {
		const low = Number.NEGATIVE_INFINITY;
		expect(drawnIds(counts(scores(low, 0, low, 0), 100, {}))).toEqual([1, 3]);
		expect(drawnIds(counts(scores(low, 0, low), 20, { topK: 3, topP: 0.999 }))).toEqual([1]);
		expect(sampleToken(scores(3e38, -3e38), {})).toBe(0);
		expect(sampleToken(scores(1, 2), { temperature: Number.MIN_VALUE })).toBe(1);
		expect(drawnIds(counts(scores(-80, 80), 100, { temperature: 1e300 }))).toEqual([0, 1]);
	});

	it.each<[what: string, logits: Float32Array, options: SampleTokenOptions, message: RegExp]>([
		["a score that is NaN", scores(0, Number.NaN), {}, /score of token 1 is NaN; expected a number/],
		["the same at temperature 0", scores(Number.NaN, 0), { temperature: 0 }, /score of token 0 is NaN/],
		["an infinite score", scores(0, 1, Number.POSITIVE_INFINITY), {}, /score of token 2 is Infinity/],
		["no scores", scores(), {}, /no score is above -Infinity/],
		["none to draw", scores(Number.NEGATIVE_INFINITY), {}, /no score is above -Infinity/],
		["a negative temperature", scores(0), { temperature: -1 }, /temperature is -1; expected a finite number of at/],
		["a temperature that is none", scores(0), { temperature: Number.NaN }, /temperature is NaN/],
		["top k of 0", scores(0), { topK: 0 }, /topK is 0; expected an integer of at least 1/],
		["top p of 0", scores(0), { topP: 0 }, /topP is 0; expected a number above 0/],
		["top p above 1", scores(0), { topP: 1.1 }, /topP is 1.1; expected a number above 0/],
		["a negative seed", scores(0), { seed: -1 }, /seed is -1; expected an integer of at least 0/],
		["a position that is none", scores(0), { position: 0.5 }, /position is 0.5; expected an integer/],
	])("refuses %s", (_, logits, options, message) => {
		expect(() => sampleToken(logits, options)).toThrow(OptionError);
		expect(() => sampleToken(logits, options)).toThrow(message);
	});
});
