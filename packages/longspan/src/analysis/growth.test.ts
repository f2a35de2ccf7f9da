import { describe, expect, it } from "vitest";
import { type GrowthPoint, growthExponent } from "./growth.js";

const power = (lengths: readonly number[], value: (n: number) => number): GrowthPoint[] =>
	lengths.map((n) => ({ n, value: value(n) }));

describe("growthExponent", () => {
	it("finds the exponent of a power of the length", () => {
		expect(growthExponent(power([1024, 2048, 4096, 8192], (n) => 3e-7 * n ** 2))).toBeCloseTo(2, 10);
		expect(growthExponent(power([1000, 3000, 7000], (n) => 5 * n))).toBeCloseTo(1, 10);
	});

	it("is the least-squares slope on logarithmic axes", () => {
		// Slope of y over x = 0, 1, 2 with y = 0, 1, 1: covariance 1, variance 2.
		const points = [0, 1, 1].map((y, x) => ({ n: Math.E ** x, value: Math.E ** y }));
		expect(growthExponent(points)).toBeCloseTo(0.5, 10);
	});

	it("leaves out lengths below a sixteenth of the longest, where fixed costs rule", () => {
		const withFixedCost = power([16, 64, 4096, 16384, 65536], (n) => (n < 4096 ? 1000 : n));
		expect(growthExponent(withFixedCost)).toBeCloseTo(1, 10);
	});

	it("uses all lengths where the long ones are too few", () => {
		expect(growthExponent(power([1, 100, 10_000], (n) => n ** 1.5))).toBeCloseTo(1.5, 10);
	});

	it("is null with fewer than three usable lengths", () => {
		expect(growthExponent([])).toBeNull();
		expect(growthExponent(power([1024, 2048], (n) => n))).toBeNull();
		expect(growthExponent(power([1024, 2048, 4096], (n) => (n === 2048 ? 0 : n)))).toBeNull();
		expect(growthExponent(power([1024, 1024, 1024], (n) => n))).toBeNull();
	});
});
