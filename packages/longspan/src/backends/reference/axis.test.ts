import { describe, expect, it } from "vitest";
import { maxCase } from "../../testing/cases/axis.js";
import { checkGradient } from "../../testing/check-gradient.js";
import { floatOutput, floats, kernelCase } from "../../testing/kernel-case.js";
import { runInFloat64 } from "../../testing/run-in-float64.js";

/** [2, 3, 2]: lines of the middle axis are (1, 5, 3), (2, 5, -1), (NaN, 1, 2) and (-Infinity, -Infinity, -Infinity). */
const x = [1, 2, 5, 5, 3, -1, NaN, -Infinity, 1, -Infinity, 2, -Infinity];
const extent = { outer: 2, length: 3, inner: 2 };

async function reduce(operation: "sum" | "max"): Promise<number[]> {
	const test = kernelCase({
		name: operation,
		inputs: { x: floats(x) },
		outputs: { y: floatOutput(4) },
		run: (backend, b) => backend.reduce(operation, b.x, b.y, extent),
	});
	return Array.from((await runInFloat64(test)).y!);
}

describe("axis kernels", () => {
	it("sum", async () => {
		expect(await reduce("sum")).toEqual([9, 6, NaN, -Infinity]);
	});

	it("max", async () => {
		expect(await reduce("max")).toEqual([5, 5, NaN, -Infinity]);
	});

	it("maxGradient shares among ties", async () => {
		const test = kernelCase({
			name: "ties",
			inputs: { x: floats([4, 1, 4, 4, 2, 7]), y: floats([4, 7]), dy: floats([6, 5]) },
			outputs: { dx: floatOutput(6) },
			run: (backend, b) => backend.maxGradient(b.x, b.y, b.dy, b.dx, { outer: 2, length: 3, inner: 1 }),
		});
		expect(Array.from((await runInFloat64(test)).dx!)).toEqual([3, 0, 3, 0, 0, 5]);
	});

	it("gradient of max", async () => {
		await checkGradient(maxCase({ outer: 2, length: 5, inner: 3 }));
	});

	it.each([
		[false, [1, 10, 3, 30, 6, 60]],
		[true, [6, 60, 5, 50, 3, 30]],
	])("cumulativeSum, reverse %s", async (reverse, expected) => {
		const test = kernelCase({
			name: "cumulativeSum",
			inputs: { x: floats([1, 10, 2, 20, 3, 30]) },
			outputs: { y: floatOutput(6) },
			run: (backend, b) => backend.cumulativeSum(b.x, b.y, { outer: 1, length: 3, inner: 2 }, reverse),
		});
		expect(Array.from((await runInFloat64(test)).y!)).toEqual(expected);
	});
});
