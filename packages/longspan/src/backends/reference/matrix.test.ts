import { describe, expect, it } from "vitest";
import { floatOutput, floats, kernelCase } from "../../testing/kernel-case.js";
import { runInFloat64 } from "../../testing/run-in-float64.js";

/** [2, 3] times [3, 2], stored as they are or transposed. */
const stored = {
	a: [1, 2, 3, 4, 5, 6],
	aTransposed: [1, 4, 2, 5, 3, 6],
	b: [7, 8, 9, 10, 11, 12],
	bTransposed: [7, 9, 11, 8, 10, 12],
};

describe("matmul", () => {
	it.each([
		[false, false],
		[true, false],
		[false, true],
		[true, true],
	])("transposed a: %s, b: %s", async (transposeA, transposeB) => {
		const test = kernelCase({
			name: "matmul",
			inputs: {
				a: floats(transposeA ? stored.aTransposed : stored.a),
				b: floats(transposeB ? stored.bTransposed : stored.b),
			},
			outputs: { out: floatOutput(4) },
			run(backend, b) {
				const strides = { aBatchStride: 0, bBatchStride: 0 };
				backend.matmul({ ...b, ...strides, batch: 1, m: 2, n: 2, k: 3, transposeA, transposeB });
			},
		});
		expect(Array.from((await runInFloat64(test)).out!)).toEqual([58, 64, 139, 154]);
	});

	it("shares a matrix between batch entries by a stride of 0", async () => {
		const test = kernelCase({
			name: "matmul",
			inputs: { a: floats([1, 2, 3, 4]), b: floats([10, 100]) },
			outputs: { out: floatOutput(2) },
			run(backend, b) {
				const strides = { aBatchStride: 2, bBatchStride: 0 };
				backend.matmul({ ...b, ...strides, batch: 2, m: 1, n: 1, k: 2, transposeA: false, transposeB: false });
			},
		});
		expect(Array.from((await runInFloat64(test)).out!)).toEqual([210, 430]);
	});
});
