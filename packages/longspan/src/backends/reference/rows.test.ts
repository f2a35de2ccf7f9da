import { describe, expect, it } from "vitest";
import { crossEntropyCase, gatherCase, normCase, softmaxCase } from "../../testing/cases/rows.js";
import { checkGradient } from "../../testing/check-gradient.js";
import { floatOutput, floats, integers, kernelCase } from "../../testing/kernel-case.js";
import { runInFloat64 } from "../../testing/run-in-float64.js";

async function softmax(x: readonly number[], rows: number, columns: number, logarithm: boolean): Promise<number[]> {
	return Array.from((await runInFloat64(softmaxCase(rows, columns, logarithm, x))).y!);
}

describe("softmax", () => {
	const logits = [0, 0, 1000, 1000, -Infinity, -Infinity, 5, -Infinity];

	it("is exp over its sum, 0 where everything is hidden", async () => {
		expect(await softmax(logits, 4, 2, false)).toEqual(
			[0.5, 0.5, 0.5, 0.5, 0, 0, 1, 0].map((p) => expect.closeTo(p, 14)),
		);
	});

	it("has a logarithm", async () => {
		const half = expect.closeTo(-Math.LN2, 12);
		const expected = [half, half, half, half, -Infinity, -Infinity, 0, -Infinity];
		expect(await softmax(logits, 4, 2, true)).toEqual(expected);
	});

	it("has gradients", async () => {
		await checkGradient(softmaxCase(3, 5, false));
		await checkGradient(softmaxCase(3, 5, true));
	});
});

describe("norms", () => {
	it("LayerNorm of one row", async () => {
		const test = kernelCase({
			name: "LayerNorm",
			inputs: { x: floats([1, 3, 5, 7]), weight: floats([1, 1, 2, 1]), bias: floats([0, 10, 0, 0]) },
			outputs: { out: floatOutput(4), mean: floatOutput(1), inverseDeviation: floatOutput(1) },
			run: (backend, b) => backend.norm({ ...b, rows: 1, columns: 4, epsilon: 4 }),
		});
		const { out, mean, inverseDeviation } = await runInFloat64(test);
		// Mean 4, variance (9 + 1 + 1 + 9) / 4 = 5, 1 / sqrt(5 + 4) = 1/3.
		expect(mean![0]).toBe(4);
		expect(inverseDeviation![0]).toBeCloseTo(1 / 3, 14);
		expect(Array.from(out!)).toEqual([-1, 10 - 1 / 3, 2 / 3, 1].map((value) => expect.closeTo(value, 14)));
	});

	it("RMSNorm of one row", async () => {
		const test = kernelCase({
			name: "RMSNorm",
			inputs: { x: floats([3, -4]), weight: floats([1, 2]) },
			outputs: { out: floatOutput(2), inverseDeviation: floatOutput(1) },
			run: (backend, b) => backend.norm({ ...b, bias: null, mean: null, rows: 1, columns: 2, epsilon: 3.5 }),
		});
		// Mean square 12.5, 1 / sqrt(12.5 + 3.5) = 1/4.
		expect(Array.from((await runInFloat64(test)).out!)).toEqual([0.75, -2]);
	});

	it("have gradients", async () => {
		await checkGradient(normCase(3, 5, true));
		await checkGradient(normCase(3, 5, false));
		await checkGradient(normCase(2, 6, true, 3));
	});
});

describe("cross-entropy", () => {
	it("is the negative log-probability of the target, 0 where ignored", async () => {
		const test = kernelCase({
			name: "cross-entropy",
			inputs: { logits: floats([0, 0, 0, 0, 1, 2, 3, 4]), targets: integers([2, -1]) },
			outputs: { loss: floatOutput(2), logSumExp: floatOutput(2) },
			run: (backend, b) => backend.crossEntropy({ ...b, rows: 2, classes: 4, ignoreIndex: -1 }),
		});
		const { loss, logSumExp } = await runInFloat64(test);
		expect(loss![0]).toBeCloseTo(Math.log(4), 14);
		expect(loss![1]).toBe(0);
		expect(logSumExp![1]).toBeCloseTo(Math.log(Math.E + Math.E ** 2 + Math.E ** 3 + Math.E ** 4), 13);
	});

	it("has a gradient", async () => {
		await checkGradient(crossEntropyCase(4, 5, -100));
		await checkGradient(crossEntropyCase(4, 5, 0));
	});
});

describe("gather and scatterAdd", () => {
	it("takes rows and adds up their gradients", async () => {
		const test = kernelCase({
			name: "gather",
			inputs: { table: floats([1, 2, 3, 4, 5, 6]), ids: integers([2, 0, 2]), dy: floats([1, 10, 2, 20, 3, 30]) },
			outputs: { out: floatOutput(6), dTable: floatOutput(6) },
			run(backend, b) {
				backend.gather(b.table, b.ids, b.out, 2);
				backend.scatterAdd(b.ids, b.dy, b.dTable, 2);
			},
		});
		const { out, dTable } = await runInFloat64(test);
		expect(Array.from(out!)).toEqual([5, 6, 1, 2, 5, 6]);
		expect(Array.from(dTable!)).toEqual([2, 20, 0, 0, 4, 40]);
	});

	it("are gradients of each other", async () => {
		await checkGradient(gatherCase(5, 3, 7));
	});
});
