import { describe, expect, it } from "vitest";
import { MersenneTwister } from "./mt19937.js";

describe("MersenneTwister", () => {
	it("gives the words of NumPy's RandomState(0)", () => {
		const random = new MersenneTwister(0);
		expect([random.next(), random.next(), random.next()]).toEqual([2357136044, 2546248239, 3071714933]);
	});

	it("gives the published 10,000th word of the seed 5489", () => {
		const random = new MersenneTwister(5489);
		for (let i = 1; i < 10000; i++) random.next();
		expect(random.next()).toBe(4123659995);
	});

	it("draws every number up to a maximum equally often, and nothing for a maximum of 0", () => {
		const random = new MersenneTwister(1);
		const counts = new Array(6).fill(0);
		for (let i = 0; i < 60000; i++) counts[random.upTo(5)]++;
		for (const count of counts) expect(Math.abs(count - 10000)).toBeLessThan(400);
		const [drawn, other] = [new MersenneTwister(2), new MersenneTwister(2)];
		expect(drawn.upTo(0)).toBe(0);
		expect(drawn.permutation([7])).toEqual([7]);
		expect(drawn.next()).toBe(other.next());
	});

	it("permutes as NumPy does: RandomState(0).permutation(10)", () => {
		expect(new MersenneTwister(0).permutation([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])).toEqual([2, 8, 4, 9, 1, 6, 7, 3, 0, 5]);
	});
});
