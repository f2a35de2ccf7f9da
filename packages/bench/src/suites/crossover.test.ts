import { describe, expect, it } from "vitest";
import { crossing } from "./crossover.js";

describe("crossing", () => {
	const points = (...ratios: number[]) => ratios.map((ratio, at) => ({ length: 256 * 2 ** at, ratio }));

	it("is where the ratio passes 1 for good", () => {
		expect(crossing(points(0.5, 2, 4))).toBe(362); // halfway between 256 and 512 in logarithms
		expect(crossing(points(1.2, 0.5, 2))).toBe(724);
		expect(crossing(points(0.25, 0.5, 1))).toBe(1024);
	});

	it("is the shortest length if that is faster already, and Infinity if none is", () => {
		expect(crossing(points(1.5, 2))).toBe(256);
		expect(crossing(points(0.2, 0.4))).toBe(Number.POSITIVE_INFINITY);
	});
});
