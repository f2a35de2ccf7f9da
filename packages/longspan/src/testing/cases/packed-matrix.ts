import type { Backend, LinearArguments, MatrixFormat, PackedBuffer } from "../../backends/backend.js";
import { floatOutput, floats, integers, type KernelCase, kernelCase } from "../kernel-case.js";
import { integersBetween, normals } from "../random-values.js";

interface LinearSizes {
	readonly m: number;
	readonly n: number;
	readonly k: number;
}

type Activation = LinearArguments["activation"];

export const formats: readonly MatrixFormat[] = ["float32", "float16", "bfloat16", "int8"];

/** Uses a packed matrix that is written in three pieces, the middle one first. */
function withPacked(
	backend: Backend,
	format: MatrixFormat,
	[rows, columns]: readonly [number, number],
	values: readonly number[],
	use: (matrix: PackedBuffer) => void,
): void {
	const matrix = backend.createPackedMatrix(rows, columns, format);
	try {
		const ends = [0, Math.floor(rows / 3), Math.floor((2 * rows) / 3), rows];
		for (const piece of [1, 0, 2]) {
			const [first, end] = ends.slice(piece) as [number, number];
			const elements = values.slice(first * columns, end * columns);
			backend.writePackedRows(matrix, Float32Array.from(elements), first);
		}
		use(matrix);
	} finally {
		backend.destroyPackedMatrix(matrix);
	}
}

function linearCase(
	{ m, n, k }: LinearSizes,
	format: MatrixFormat | "unpacked",
	activation: Activation,
	hasBias: boolean,
	weights: readonly number[] = normals(n * k, 2),
): KernelCase {
	const weight = floats(weights);
	return kernelCase({
		name: `linear [${m}, ${k}] [${n}, ${k}], ${format}, ${activation ?? "no activation"}${hasBias ? ", bias" : ""}`,
		inputs: { x: floats(normals(m * k, 1)), weight },
		optionalInputs: { bias: hasBias ? floats(normals(n, 3)) : null },
		outputs: { out: floatOutput(m * n) },
		// As of matmul; the slope of an activation is at most 1.13.
		tolerance: { absolute: 2e-6 + 3e-7 * k, relative: 4e-6 },
		run(backend, b) {
			const args = { x: b.x, bias: b.bias, out: b.out, m, n, k, activation };
			if (format === "unpacked") backend.linear({ ...args, weight: b.weight });
			else withPacked(backend, format, [n, k], weight.values, (matrix) => backend.linear({ ...args, weight: matrix }));
		},
	});
}

function gatherPackedCase(
	rows: number,
	width: number,
	count: number,
	format: MatrixFormat,
	table?: number[],
): KernelCase {
	const values = floats(table ?? normals(rows * width, 4)).values;
	return kernelCase({
		name: `gatherPacked, ${count} of ${rows} x ${width}, ${format}${table ? ", special values" : ""}`,
		inputs: { ids: integers(integersBetween(count, 5, 0, rows)) },
		outputs: { out: floatOutput(count * width) },
		// Both round an element to the same number; that of int8 is a product, rounded once more.
		tolerance: { absolute: 0, relative: format === "int8" ? 2e-7 : 0 },
		run: (backend, { ids, out }) =>
			withPacked(backend, format, [rows, width], values, (matrix) => backend.gatherPacked(matrix, ids, out)),
	});
}

const outputs = [1, 15, 17, 100];
const inputs = [1, 7, 64, 385, 800];
const activations: readonly Activation[] = [null, "gelu", "geluTanh", "relu", "silu", "tanh"];

/** Every number of rows with every number of outputs; depths, activations and biases take turns. */
const sizes = [1, 2, 3, 4, 5, 63].flatMap((m, row) =>
	outputs.map((n, column) => ({ m, n, k: inputs[(2 * row + column) % inputs.length] as number, turn: row + column })),
);

/** Ties to both sides, numbers of many sizes, what rounds up to the next power of two, what becomes 0, and subnormal numbers. */
const halfTies = [1 + 2 ** -11, 1 + 3 * 2 ** -11, -(1 + 2 ** -11) - 2 ** -20, 2 ** -26, 2 ** -27, -(2 ** -27) * 0.999];
const brainTies = [1 + 2 ** -8, 1 + 3 * 2 ** -8, -1 - 2 ** -8 - 2 ** -20, 2 - 2 ** -9, 1e-39, -3e-41];
const powers = Array.from({ length: 40 }, (_, i) => (i % 2 ? -1 : 1) * 1.2345 * 2 ** (i - 26));
const integerTies = [127, 0.5, 1.5, -0.5, -1.5, 2.5, -126.5, 126.5, -127, 3, 63.5];
const special = [...halfTies, ...brainTies, ...powers, 65504, -65519, 1e-3, -1e-4, 0, -0];
const tables = [
	special,
	special.map(() => 0),
	special.map((_, i) => integerTies[i % integerTies.length] as number),
	special.map((value) => value * 2 ** -12),
	special.map((value) => value * 2 ** 111),
	special.map((value) => value * 2 ** -135),
	special.map((value, i) => (i === 0 ? 2 - 2 ** -20 : value * 2 ** -16)),
];

export const packedMatrixCases: readonly KernelCase[] = [
	...sizes.flatMap(({ turn, ...size }) =>
		formats.map((format) => linearCase(size, format, activations[turn % activations.length]!, turn % 3 !== 1)),
	),
	...sizes.map(({ turn, ...size }) =>
		linearCase(size, "unpacked", activations[turn % activations.length]!, turn % 3 !== 1),
	),
	...formats.map((format) => linearCase({ m: 63, n: 100, k: 800 }, format, null, false)),
	...formats.map((format) => linearCase({ m: 130, n: 300, k: 1153 }, format, "gelu", true)),
	linearCase({ m: 130, n: 300, k: 1153 }, "unpacked", "gelu", true),
	linearCase({ m: 5, n: 9, k: 0 }, "unpacked", "tanh", true),
	...formats.flatMap((format) => [
		gatherPackedCase(1, 1, 1, format),
		gatherPackedCase(100, 17, 300, format),
		gatherPackedCase(33, 800, 40, format),
		gatherPackedCase(tables.length, special.length, 50, format, tables.flat()),
	]),
];
