import { expect, test } from "vitest";
import { growthExponent } from "./growth-exponent.js";

test.each([0, 1, 1.5, 2])("finds the exponent %d of a power law", (exponent) => {
	const points = [4, 8, 16, 64].map((x) => ({ x, y: 7 * x ** exponent }));
	expect(growthExponent(points)).toBeCloseTo(exponent, 10);
});
