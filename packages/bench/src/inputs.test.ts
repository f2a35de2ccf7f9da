import { expect, test } from "vitest";
import { attentionInputs, headsInside, headsOutside, randomValues, relativeDifference } from "./inputs.js";

test("random values repeat, differ by seed and lie in [-1, 1)", () => {
	const values = randomValues(1000, 5);
	expect(values).toEqual(randomValues(1000, 5));
	expect(values).not.toEqual(randomValues(1000, 6));
	expect(values.every((value) => value >= -1 && value < 1)).toBe(true);
});

test("layouts with heads inside and outside are each other's inverse", () => {
	const inputs = attentionInputs(5, 3, 2);
	const inside = headsInside(inputs.q, inputs);
	// Token 1, head 2.
	expect([...inside.subarray(10, 12)]).toEqual([...inputs.q.subarray(22, 24)]);
	expect(headsOutside(inside, inputs)).toEqual(inputs.q);
});

test("differences are relative to the largest element, and NaN is infinitely far", () => {
	expect(relativeDifference(Float32Array.of(1, 10), Float32Array.of(2, 10))).toBeCloseTo(0.1);
	expect(relativeDifference(Float32Array.of(0), Float32Array.of(0))).toBe(0);
	expect(relativeDifference(Float32Array.of(Number.NaN), Float32Array.of(0))).toBe(Number.POSITIVE_INFINITY);
	expect(relativeDifference(Float32Array.of(1), Float32Array.of(1, 1))).toBe(Number.POSITIVE_INFINITY);
});
