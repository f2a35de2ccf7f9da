import { expect, it } from "vitest";
import { Accuracy, highestScores } from "./scores.js";

it("names the class with the highest score of each row, the first of equal ones", () => {
	expect([...highestScores(Float32Array.of(0, 2, 1, -3, -5, -3, 7, 7, 8), 3)]).toEqual([1, 0, 2]);
});

it("counts right answers in percent", () => {
	const accuracy = new Accuracy();
	expect(accuracy.percent).toBeNaN();
	for (const correct of [true, false, true, true]) accuracy.add(correct);
	expect(accuracy.percent).toBe(75);
});
