import { floatOutput, floats, integerOutput, integers, type KernelCase, kernelCase } from "../kernel-case.js";
import { integersBetween, normals } from "../random-values.js";

const sizes: readonly (readonly [number, number])[] = [
	[1, 1],
	[3, 63],
	[5, 65],
	[7, 1000],
	[65, 4],
	[700, 130],
];

/** Softmax or its logarithm, and the gradient. `x` replaces the random input. */
export function softmaxCase(rows: number, columns: number, logarithm: boolean, x?: readonly number[]): KernelCase {
	return kernelCase({
		name: `${logarithm ? "log softmax" : "softmax"} ${rows} x ${columns}${x ? ", special values" : ""}`,
		inputs: { x: floats(x ?? normals(rows * columns, 1, 3)), dy: floats(normals(rows * columns, 2)) },
		outputs: { y: floatOutput(rows * columns), dx: floatOutput(rows * columns) },
		tolerance: { absolute: 4e-6, relative: 5e-6 },
		gradient: { upstream: { y: "dy" }, wanted: { x: "dx" } },
		run(backend, { x, dy, y, dx }) {
			backend.softmax(x, y, rows, columns, logarithm);
			backend.softmaxGradient(y, dy, dx, rows, columns, logarithm);
		},
	});
}

/** Hidden elements, a row of nothing else, huge and tiny values, one outlier; 5 columns leave a partial vector. */
const specialRows = [
	[-Infinity, 1, 2, -Infinity, 0],
	new Array(5).fill(-Infinity),
	[1e30, 1e30, 0, -1e30, 1e30],
	[-1e4, -1e4, -1e4 - 1, -1e4, -1e4],
	[0, 0, 0, 0, 90],
	[-Infinity, -Infinity, -Infinity, -Infinity, 3],
];
/** Without infinities: the gradient of the logarithm there is not of interest. */
const finiteRows = specialRows.filter((row) => row.every(Number.isFinite));

/** Logits far from 0, where float32 still holds differences to 1e-5. */
const farRows = [
	[100, 101, 99, 100, 102],
	[-100, -101, -99, -100, -102],
	[0, 0, 0, 0, 90],
	[60, -60, 60, -60, 0],
];

/** LayerNorm, or RMSNorm without a mean and bias, and its gradients. */
export function normCase(rows: number, columns: number, centred: boolean, mean = 0): KernelCase {
	const inputs = {
		x: floats(normals(rows * columns, 3, 1, mean)),
		weight: floats(normals(columns, 4, 0.5, 1)),
		dy: floats(normals(rows * columns, 6)),
	};
	const outputs = {
		out: floatOutput(rows * columns),
		inverseDeviation: floatOutput(rows),
		dx: floatOutput(rows * columns),
		dWeight: floatOutput(columns),
	};
	const shared = { rows, columns, epsilon: 1e-3 };
	// The mean of values near 100 is known to float32 only to 1e-5 of their deviation.
	const tolerance = { absolute: mean === 0 ? 2e-6 : 1e-4, relative: 5e-6, ofLargest: mean === 0 ? 2e-6 : 1e-4 };
	if (!centred) {
		return kernelCase({
			name: `RMSNorm ${rows} x ${columns}, mean ${mean}`,
			inputs,
			outputs,
			tolerance,
			gradient: { upstream: { out: "dy" }, wanted: { x: "dx", weight: "dWeight" } },
			run(backend, b) {
				const args = { ...b, ...shared, bias: null, mean: null };
				backend.norm(args);
				backend.normGradient({ ...args, dBias: null });
			},
		});
	}
	return kernelCase({
		name: `LayerNorm ${rows} x ${columns}, mean ${mean}`,
		inputs: { ...inputs, bias: floats(normals(columns, 5)) },
		outputs: { ...outputs, mean: floatOutput(rows), dBias: floatOutput(columns) },
		tolerance,
		gradient: { upstream: { out: "dy" }, wanted: { x: "dx", weight: "dWeight", bias: "dBias" } },
		run(backend, b) {
			backend.norm({ ...b, ...shared });
			backend.normGradient({ ...b, ...shared });
		},
	});
}

/** Cross-entropy and its gradient; every third row is ignored. */
export function crossEntropyCase(
	rows: number,
	classes: number,
	ignoreIndex: number,
	logits?: readonly number[],
): KernelCase {
	const targets = integersBetween(rows, 7, 0, classes).map((target, row) => (row % 3 === 2 ? ignoreIndex : target));
	return kernelCase({
		name: `cross-entropy ${rows} x ${classes}, ignoring ${ignoreIndex}${logits ? ", special values" : ""}`,
		inputs: {
			logits: floats(logits ?? normals(rows * classes, 8, 3)),
			targets: integers(targets),
			dLoss: floats(normals(rows, 9)),
		},
		outputs: { loss: floatOutput(rows), logSumExp: floatOutput(rows), dLogits: floatOutput(rows * classes) },
		tolerance: logits ? { absolute: 2e-5, relative: 2e-5 } : { absolute: 2e-6, relative: 5e-6 },
		gradient: { upstream: { loss: "dLoss" }, wanted: { logits: "dLogits" } },
		run(backend, b) {
			const args = { ...b, rows, classes, ignoreIndex };
			backend.crossEntropy(args);
			backend.crossEntropyGradient(args);
		},
	});
}

/** Rows of a table by id, and the sum of gradients by id. */
export function gatherCase(rows: number, width: number, count: number): KernelCase {
	return kernelCase({
		name: `gather and scatterAdd, ${count} of ${rows} x ${width}`,
		inputs: {
			table: floats(normals(rows * width, 10)),
			ids: integers(integersBetween(count, 11, 0, rows)),
			dy: floats(normals(count * width, 12)),
		},
		outputs: { out: floatOutput(count * width), dTable: floatOutput(rows * width) },
		tolerance: { absolute: 1e-6, relative: 2e-6, ofLargest: 2e-6 },
		gradient: { upstream: { out: "dy" }, wanted: { table: "dTable" } },
		run(backend, { table, ids, dy, out, dTable }) {
			backend.gather(table, ids, out, width);
			backend.scatterAdd(ids, dy, dTable, width);
		},
	});
}

/** Which of [x, -x] is largest in every segment of the rows. */
export function signedArgMaxCase(rows: number, widths: readonly number[], x?: readonly number[]): KernelCase {
	const columns = widths.reduce((sum, width) => sum + width, 0);
	return kernelCase({
		name: `signedArgMax ${rows} x [${widths}]${x ? ", ties" : ""}`,
		inputs: { x: floats(x ?? normals(rows * columns, 13)) },
		outputs: { out: integerOutput(rows) },
		tolerance: { absolute: 0, relative: 0 },
		run: (backend, { x: input, out }) => backend.signedArgMax(input, out, rows, widths),
	});
}

/** All equal, opposite signs, zeros of both signs, the largest at the end of a partial vector, negative ones only. */
const tiedRows = [
	[1, 1, 1, 1, 1],
	[-2, 2, -2, 2, 0],
	[0, -0, 0, 0, 0],
	[-0, 0, 0, 0, 0],
	[1, 0, 0, -3, 3],
	[-1, -1, -1, -5, -5],
	[0, 0, 0, 0, -7],
];

export const rowCases: readonly KernelCase[] = [
	...sizes.flatMap(([rows, columns]) => [
		softmaxCase(rows, columns, false),
		softmaxCase(rows, columns, true),
		normCase(rows, columns, true),
		normCase(rows, columns, false),
		crossEntropyCase(rows, columns, -100),
	]),
	softmaxCase(specialRows.length, 5, false, specialRows.flat()),
	softmaxCase(finiteRows.length, 5, true, finiteRows.flat()),
	normCase(20, 70, true, 100),
	normCase(20, 70, false, 100),
	normCase(33, 1000, true),
	crossEntropyCase(6, 5, 0),
	crossEntropyCase(farRows.length, 5, -1, farRows.flat()),
	gatherCase(1, 1, 1),
	gatherCase(7, 65, 1000),
	gatherCase(300, 64, 77),
	gatherCase(5, 3, 20_000),
	signedArgMaxCase(1, [1]),
	signedArgMaxCase(33, [4]),
	signedArgMaxCase(1000, [8, 16]),
	signedArgMaxCase(517, [3, 1, 65]),
	signedArgMaxCase(70, [1000]),
	signedArgMaxCase(tiedRows.length, [5], tiedRows.flat()),
	signedArgMaxCase(tiedRows.length, [2, 3], tiedRows.flat()),
];
