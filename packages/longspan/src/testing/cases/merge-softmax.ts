import { floatOutput, floats, type KernelCase, kernelCase } from "../kernel-case.js";
import { normals } from "../random-values.js";

/** logSumExp values; rows of -Infinity saw no key, in either part or in both. */
function sums(rows: number, seed: number, hidden: (row: number) => boolean): number[] {
	return normals(rows, seed, 5).map((value, row) => (hidden(row) ? -Infinity : value));
}

/** Outputs are 0 where no key was seen. */
function outputs(logSumExp: readonly number[], width: number, seed: number): number[] {
	return normals(logSumExp.length * width, seed).map((value, i) =>
		logSumExp[Math.floor(i / width)] === -Infinity ? 0 : value,
	);
}

/** A merge and the gradients of both parts. */
export function mergeCase(rows: number, width: number, sumGradient: boolean, someHidden = true): KernelCase {
	const aSums = sums(rows, 1, (row) => someHidden && row % 3 === 1);
	const bSums = sums(rows, 2, (row) => someHidden && row % 4 === 1);
	return kernelCase({
		name: `merge ${rows} x ${width}${sumGradient ? "" : ", no gradient of logSumExp"}`,
		inputs: {
			a: floats(outputs(aSums, width, 3)),
			aSum: floats(aSums),
			b: floats(outputs(bSums, width, 4)),
			bSum: floats(bSums),
			dOut: floats(normals(rows * width, 5)),
		},
		optionalInputs: { dSum: sumGradient ? floats(normals(rows, 6)) : null },
		outputs: {
			out: floatOutput(rows * width),
			sum: floatOutput(rows),
			da: floatOutput(rows * width),
			daSum: floatOutput(rows),
			db: floatOutput(rows * width),
			dbSum: floatOutput(rows),
		},
		tolerance: { absolute: 2e-6, relative: 5e-6, ofLargest: 2e-6 },
		gradient: {
			upstream: { out: "dOut", sum: "dSum" },
			wanted: { a: "da", aSum: "daSum", b: "db", bSum: "dbSum" },
		},
		run(backend, buffers) {
			const a = { output: buffers.a, logSumExp: buffers.aSum };
			const b = { output: buffers.b, logSumExp: buffers.bSum };
			const merged = { output: buffers.out, logSumExp: buffers.sum };
			const gradient = { output: buffers.dOut, logSumExp: buffers.dSum };
			backend.mergeSoftmax(a, b, merged, rows, width);
			backend.mergeSoftmaxGradient(a, merged, gradient, { output: buffers.da, logSumExp: buffers.daSum }, rows, width);
			backend.mergeSoftmaxGradient(b, merged, gradient, { output: buffers.db, logSumExp: buffers.dbSum }, rows, width);
		},
	});
}

export const mergeCases: readonly KernelCase[] = [
	mergeCase(1, 1, true, false),
	mergeCase(37, 64, true),
	mergeCase(37, 65, false),
	mergeCase(1000, 24, true),
	mergeCase(13, 3, true),
];
