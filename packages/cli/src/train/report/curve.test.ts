import { describe, expect, it } from "vitest";
import { smoothed, thinned } from "./curve.js";
import { curvePlot } from "./curve-plot.js";

const points = (count: number, value: (step: number) => number) =>
	Array.from({ length: count }, (_, index) => ({ step: index + 1, value: value(index + 1) }));

describe("curves", () => {
	it("are drawn by a few hundred points, the last of which is their own", () => {
		const few = points(200, (step) => step);
		expect(thinned(few)).toEqual(few);
		const many = thinned(points(10_001, (step) => 2 * step));
		expect(many.length).toBeLessThanOrEqual(300);
		expect(many[0]).toEqual({ step: 17.5, value: 35 });
		expect(many.at(-1)).toEqual({ step: 10_001, value: 20_002 });
	});

	it("are smoothed by a mean of all points at first", () => {
		expect(smoothed(points(4, (step) => step)).map(({ value }) => value)).toEqual([1, 1.5, 2, 2.5]);
		const noisy = smoothed(points(1000, (step) => step % 2));
		expect(noisy.at(-1)?.value).toBeCloseTo(0.5, 1);
	});

	it("leave out what is no number, and are drawn with a single point or a level line, too", () => {
		const curve = { label: "Loss", index: 0, marked: false, format: String, fromZero: false };
		expect(curvePlot({ ...curve, points: [{ step: 1, value: Number.NaN }] })).toBeNull();
		for (const given of [points(1, () => 0), points(2, () => 3)])
			expect(curvePlot({ ...curve, points: given })).toMatch(/^<svg(?![\s\S]*NaN)[\s\S]*Loss against steps/);
	});
});
