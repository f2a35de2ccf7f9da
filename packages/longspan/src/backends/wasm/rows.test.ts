import { describe, expect, it } from "vitest";
import { expectAllClose } from "../../testing/expect-close.js";
import { integersBetween, normals } from "../../testing/random-values.js";
import { useSubjects } from "../../testing/wasm-engines.js";

const subjects = useSubjects();

function logSumExp(row: readonly number[]): number {
	const maximum = row.reduce((a, b) => Math.max(a, b), -Infinity);
	return maximum + Math.log(row.reduce((sum, x) => sum + Math.exp(x - maximum), 0));
}

/** Rows so long that they are read in several blocks: the maximum in the last one, an empty first block, one with NaN, nothing at all. */
const columns = 5003;
const longRows = [
	normals(columns, 1, 3),
	normals(columns, 2, 3).map((x, i) => (i < 2500 ? -Infinity : x)),
	normals(columns, 3, 3).map((x, i) => x + i / 50),
	normals(columns, 4, 3).map((x, i) => (i === 4000 ? NaN : x)),
	new Array<number>(columns).fill(-Infinity),
].map((row) => row.map(Math.fround));

describe("long rows", () => {
	it.each([false, true])("softmax, logarithm: %s", (logarithm) => {
		const expected = longRows.map((row) => {
			if (row.every((x) => x === -Infinity)) return row.map(() => (logarithm ? -Infinity : 0));
			const total = logSumExp(row);
			return row.map((x) => (logarithm ? x - total : Math.exp(x - total)));
		});
		for (const subject of subjects) {
			const out = subject.empty(longRows.length * columns);
			subject.kernels.softmax(subject.floats(longRows.flat()), out, longRows.length, columns, logarithm);
			expectAllClose(subject.read(out), expected.flat(), { relative: 5e-6, absolute: 1e-36 });
		}
	});

	it("cross-entropy", () => {
		const rows = longRows.slice(0, 3);
		const targets = [0, 2600, columns - 1];
		const dLoss = [1, -2, 0.5];
		const totals = rows.map(logSumExp);
		for (const subject of subjects) {
			const [loss, logSums, dLogits] = [3, 3, 3 * columns].map((length) => subject.empty(length));
			const args = {
				logits: subject.floats(rows.flat()),
				targets: subject.integers(targets),
				logSumExp: logSums!,
				...{ rows: 3, classes: columns, ignoreIndex: -1 },
			};
			subject.kernels.crossEntropy({ ...args, loss: loss! });
			subject.kernels.crossEntropyGradient({ ...args, dLoss: subject.floats(dLoss), dLogits: dLogits! });
			expectAllClose(subject.read(logSums!), totals, { relative: 1e-6 });
			expectAllClose(
				subject.read(loss!),
				totals.map((total, r) => total - rows[r]![targets[r]!]!),
				{ relative: 2e-6 },
			);
			const expected = rows.flatMap((row, r) =>
				row.map((x, c) => dLoss[r]! * (Math.exp(x - totals[r]!) - (c === targets[r] ? 1 : 0))),
			);
			// The logarithm of a sum near 100 is known to 4e-6, hence its exponentials too.
			expectAllClose(subject.read(dLogits!), expected, { relative: 1e-5, absolute: 1e-36 });
		}
	});
});

describe("norm", () => {
	it.each([
		[1, 5],
		[15, 64],
		[17, 63],
		[1100, 12],
	])("sums gradients of weight and bias over %i rows of %i, the same bits on any number of threads", (rows, width) => {
		const [x, dy] = [normals(rows * width, 1), normals(rows * width, 2)].map((values) => values.map(Math.fround));
		const weight = normals(width, 3);
		const results = subjects.map((subject) => {
			const [out, dx] = [rows * width, rows * width].map((length) => subject.empty(length));
			const [mean, inverseDeviation] = [rows, rows].map((length) => subject.empty(length));
			const [dWeight, dBias] = [width, width].map((length) => subject.empty(length));
			const args = {
				...{ x: subject.floats(x!), weight: subject.floats(weight), bias: subject.floats(weight) },
				...{ mean: mean!, inverseDeviation: inverseDeviation!, rows, columns: width },
			};
			subject.kernels.norm({ ...args, epsilon: 1e-5, out: out! });
			subject.kernels.normGradient({ ...args, dy: subject.floats(dy!), dx: dx!, dWeight: dWeight!, dBias: dBias! });
			const normalized = x!.map((value, i) => {
				const row = x!.slice(Math.floor(i / width) * width, (Math.floor(i / width) + 1) * width);
				const average = row.reduce((a, b) => a + b) / width;
				const variance = row.reduce((sum, v) => sum + (v - average) ** 2, 0) / width;
				return (value - average) / Math.sqrt(variance + 1e-5);
			});
			const columnSums = (values: readonly number[]) =>
				weight.map((_, c) => values.reduce((sum, value, i) => (i % width === c ? sum + value : sum), 0));
			const found = [subject.read(dWeight!), subject.read(dBias!)];
			expectAllClose(found[0]!, columnSums(dy!.map((value, i) => value * normalized[i]!)), {
				relative: 1e-5,
				absolute: 1e-4,
			});
			expectAllClose(found[1]!, columnSums(dy!), { relative: 1e-5, absolute: 1e-5 });
			return [...found, subject.read(dx!), subject.read(out!)];
		});
		expect(results[1]).toEqual(results[0]);
	});
});

describe("scatterAdd", () => {
	it.each([
		[1, 1, 4097],
		[2, 40, 999],
		[63, 17, 1000],
		[64, 17, 1000],
		[1000, 3, 50],
		[1000, 64, 3001],
	])("into a table of %i x %i from %i rows", (rows, width, count) => {
		const ids = integersBetween(count, 1, 0, rows);
		const dy = normals(count * width, 2).map(Math.fround);
		const expected = new Array<number>(rows * width).fill(0);
		dy.forEach((value, i) => {
			expected[ids[Math.floor(i / width)]! * width + (i % width)]! += value;
		});
		const [one, two] = subjects.map((subject) => {
			const dTable = subject.empty(rows * width);
			subject.kernels.scatterAdd(subject.integers(ids), subject.floats(dy), dTable, width);
			const result = subject.read(dTable);
			expectAllClose(result, expected, { relative: 1e-5, absolute: 2e-5 });
			return result;
		});
		expect(two).toEqual(one);
	});
});
