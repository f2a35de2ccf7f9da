import { describe, expect, it } from "vitest";
import { random } from "./random.js";

describe("random", () => {
	it("repeats for a seed and a stream, and differs between them", () => {
		const draw = (seed: number, stream?: number) => {
			const source = random(seed, stream);
			return Array.from({ length: 8 }, () => source.below(1000));
		};
		expect(draw(7)).toEqual(draw(7));
		const others = [draw(7), draw(8), draw(7, 1), draw(8, 1), draw(7 + 2 ** 32)].map(String);
		expect(new Set(others).size).toBe(others.length);
	});

	it("draws all integers about as often", () => {
		const source = random(1);
		const counts = new Array<number>(10).fill(0);
		for (let draw = 0; draw < 20_000; draw++) (counts[source.below(10)] as number)++;
		// Five deviations of a binomial count.
		for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(5 * Math.sqrt(1800));
	});

	it("draws distinct integers from everywhere", () => {
		const source = random(2);
		expect(source.distinct(6, 6).sort()).toEqual([0, 1, 2, 3, 4, 5]);
		const firsts = new Set<number>();
		for (let draw = 0; draw < 200; draw++) {
			const numbers = source.distinct(3, 10);
			expect(new Set(numbers).size).toBe(3);
			firsts.add(numbers[0] as number);
		}
		expect(firsts.size).toBe(10);
	});
});
