import { floatOutput, floats, type KernelCase, kernelCase } from "../kernel-case.js";
import { normals } from "../random-values.js";

interface MatmulSizes {
	readonly m: number;
	readonly n: number;
	readonly k: number;
	readonly batch?: number;
	/** One matrix for all batch entries. */
	readonly shareA?: boolean;
	readonly shareB?: boolean;
}

const sizes: readonly MatmulSizes[] = [
	{ m: 1, n: 1, k: 1 },
	{ m: 3, n: 5, k: 7 },
	{ m: 64, n: 64, k: 64 },
	{ m: 65, n: 63, k: 130 },
	{ m: 1, n: 1000, k: 17 },
	{ m: 1000, n: 1, k: 65 },
	{ m: 7, n: 9, k: 3000 },
	{ m: 129, n: 257, k: 300 },
	{ m: 6, n: 16, k: 1 },
	{ m: 5, n: 31, k: 8, batch: 3 },
	{ m: 65, n: 17, k: 33, batch: 5, shareA: true },
	{ m: 65, n: 17, k: 33, batch: 5, shareB: true },
	{ m: 4, n: 8, k: 4, batch: 300 },
];

function matmulCase(
	{ m, n, k, batch = 1, shareA = false, shareB = false }: MatmulSizes,
	transposeA: boolean,
	transposeB: boolean,
): KernelCase {
	const shared = shareA ? ", a shared" : shareB ? ", b shared" : "";
	return kernelCase({
		name: `matmul ${batch} x [${m}, ${k}]${transposeA ? "T" : ""} [${k}, ${n}]${transposeB ? "T" : ""}${shared}`,
		inputs: {
			a: floats(normals((shareA ? 1 : batch) * m * k, 1)),
			b: floats(normals((shareB ? 1 : batch) * k * n, 2)),
		},
		outputs: { out: floatOutput(batch * m * n) },
		// Partial sums grow with the root of k and are rounded k times, to either side.
		tolerance: { absolute: 1e-6 + 2e-7 * k, relative: 2e-6 },
		run(backend, b) {
			const strides = { aBatchStride: shareA ? 0 : m * k, bBatchStride: shareB ? 0 : k * n };
			backend.matmul({ ...b, ...strides, batch, m, n, k, transposeA, transposeB });
		},
	});
}

/** Rows and columns that meet a NaN or infinity are NaN or infinite; all others stay clean. */
const matmulNonFinite = kernelCase({
	name: "matmul keeps NaN to its row and column",
	inputs: {
		a: floats(normals(20 * 9, 3).map((value, i) => (i === 4 * 9 + 2 ? NaN : value))),
		b: floats(normals(9 * 21, 4).map((value, i) => (i === 3 * 21 + 20 ? Infinity : value))),
	},
	outputs: { out: floatOutput(20 * 21) },
	tolerance: { absolute: 1e-5, relative: 2e-6 },
	run(backend, b) {
		backend.matmul({
			...b,
			batch: 1,
			m: 20,
			n: 21,
			k: 9,
			aBatchStride: 0,
			bBatchStride: 0,
			transposeA: false,
			transposeB: false,
		});
	},
});

export const matrixCases: readonly KernelCase[] = [
	...sizes.flatMap((size) =>
		[false, true].flatMap((transposeA) => [false, true].map((transposeB) => matmulCase(size, transposeA, transposeB))),
	),
	matmulNonFinite,
];
