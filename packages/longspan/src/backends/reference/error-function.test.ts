import { describe, expect, it } from "vitest";
import { erf, erfc } from "./error-function.js";

/** x, erf(x), erfc(x), summed in 120 decimal digits and rounded to float64. */
const values: readonly (readonly [number, number, number])[] = [
	[0, 0, 1],
	[0.001, 0.0011283787909692365, 0.9988716212090307],
	[0.1, 0.1124629160182849, 0.887537083981715],
	[0.5, 0.5204998778130465, 0.4795001221869535],
	[1, 0.8427007929497149, 0.15729920705028513],
	[1.4, 0.9522851197626488, 0.0477148802373512],
	[1.5, 0.9661051464753108, 0.033894853524689274],
	[2, 0.9953222650189527, 0.004677734981047266],
	[3, 0.9999779095030014, 2.209049699858544e-5],
	[4, 0.9999999845827421, 1.541725790028002e-8],
	[5.5, 0.9999999999999927, 7.357847917974398e-15],
	[6, 1, 2.1519736712498913e-17],
];

describe("error function", () => {
	it.each(values)("erf and erfc of ±%d", (x, expectedErf, expectedErfc) => {
		expect(Math.abs(erf(x) - expectedErf)).toBeLessThanOrEqual(1e-15);
		expect(Math.abs(erf(-x) + expectedErf)).toBeLessThanOrEqual(1e-15);
		expect(Math.abs(erfc(x) / expectedErfc - 1)).toBeLessThanOrEqual(2e-14);
		expect(Math.abs(erfc(-x) - (1 + expectedErf))).toBeLessThanOrEqual(1e-15);
	});

	it("has the limits and NaN", () => {
		expect([erf(Infinity), erf(-Infinity), erfc(Infinity), erfc(-Infinity)]).toEqual([1, -1, 0, 2]);
		expect([erf(NaN), erfc(NaN)]).toEqual([NaN, NaN]);
		expect([erfc(30), erf(1e300)]).toEqual([0, 1]);
	});

	it("has no step where the series hands over to the continued fraction", () => {
		expect(Math.abs(erf(1.5) - erf(1.5 - 2 ** -52))).toBeLessThan(1e-15);
	});
});
