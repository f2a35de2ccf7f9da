import type { BinaryOperation, UnaryOperation } from "../../backends/backend.js";
import { floatOutput, floats, integerOutput, integers, type KernelCase, kernelCase } from "../kernel-case.js";
import { integersBetween, normals, uniforms } from "../random-values.js";

const lengths = [1, 3, 63, 65, 1000, 40_003];

/** Every unary operation with a parameter worth trying and the interval its argument comes from. */
export const unaryOperations: readonly (readonly [UnaryOperation, number, number, number])[] = [
	["negate", 0, -3, 3],
	["exp", 0, -5, 5],
	["log", 0, 0.01, 20],
	["tanh", 0, -4, 4],
	["sigmoid", 0, -8, 8],
	["relu", 0, -3, 3],
	["gelu", 0, -5, 5],
	["geluTanh", 0, -5, 5],
	["silu", 0, -8, 8],
	["softplus", 0, -8, 8],
	["elu", 0, -5, 5],
	["eluPlusOne", 0, -5, 5],
	["sqrt", 0, 0.01, 20],
	["sin", 0, -20, 20],
	["cos", 0, -20, 20],
	["power", 3, 0.1, 5],
	["power", 2, -5, 5],
	["power", 0.5, 0.1, 5],
	["power", -1, 0.1, 5],
	["power", 0, -2, 2],
	["scale", -0.3, -3, 3],
	["shift", 1.7, -3, 3],
];

/** An operation and its gradient on random arguments. */
export function unaryCase(
	[operation, parameter, low, high]: (typeof unaryOperations)[number],
	length: number,
): KernelCase {
	return kernelCase({
		name: `unary ${operation} ${parameter || ""} of ${length}`,
		inputs: { x: floats(uniforms(length, length, low, high)), dy: floats(normals(length, length + 1)) },
		outputs: { y: floatOutput(length), dx: floatOutput(length) },
		tolerance: { absolute: 2e-6, relative: 5e-6 },
		gradient: { upstream: { y: "dy" }, wanted: { x: "dx" } },
		run(backend, { x, dy, y, dx }) {
			backend.unary(operation, x, y, parameter);
			backend.unaryGradient(operation, x, dy, dx, parameter);
		},
	});
}

const finiteExtremes = [
	0, -0, 1e-30, -1e-30, 1e-6, -1e-6, 15, -15, 40, -40, 85, -85, 100, -100, 1e4, -1e4, 3e38, -3e38,
];
const nonFinite = [NaN, Infinity, -Infinity];
/** x times a factor that vanishes: no value is promised at infinity. */
const undefinedAtInfinity: readonly UnaryOperation[] = ["gelu", "geluTanh", "silu"];

/** Arguments at the ends of float32; the gradient only where it is finite in float32. */
function unaryExtremes([operation, parameter]: (typeof unaryOperations)[number]): KernelCase[] {
	const special = undefinedAtInfinity.includes(operation) ? [NaN] : nonFinite;
	const all = [...finiteExtremes, ...special];
	const tame = [15, -15, 40, -40, 1e4].filter((x) => x > 0 || !["log", "sqrt", "power"].includes(operation));
	const values = kernelCase({
		name: `unary ${operation} ${parameter || ""} of extreme values`,
		inputs: { x: floats(all) },
		outputs: { y: floatOutput(all.length) },
		tolerance: { absolute: 1e-6, relative: 1e-5 },
		run: (backend, { x, y }) => backend.unary(operation, x, y, parameter),
	});
	const gradients = kernelCase({
		name: `unary gradient ${operation} ${parameter || ""} of extreme values`,
		inputs: { x: floats(tame), dy: floats(tame.map(() => 0.5)) },
		outputs: { dx: floatOutput(tame.length) },
		tolerance: { absolute: 1e-6, relative: 1e-5 },
		run: (backend, { x, dy, dx }) => backend.unaryGradient(operation, x, dy, dx, parameter),
	});
	return [values, gradients];
}

const binaryOperations: readonly BinaryOperation[] = ["add", "subtract", "multiply", "divide"];

/** Name, shape, strides of a and b. */
const layouts: readonly (readonly [string, readonly number[], readonly number[], readonly number[]])[] = [
	["one shape", [3, 5, 7], [35, 7, 1], [35, 7, 1]],
	["scalars", [], [], []],
	["a scalar b", [1000], [1], [0]],
	["a scalar a", [130], [0], [1]],
	["a row", [65, 63], [63, 1], [0, 1]],
	["a column", [65, 63], [63, 1], [1, 0]],
	["outer sum", [33, 17], [1, 0], [0, 1]],
	["batch and head", [2, 3, 5, 7], [105, 35, 7, 1], [7, 0, 0, 1]],
	["a transposed", [33, 66], [1, 33], [66, 1]],
	["inner axis of 1", [40, 9, 1], [9, 1, 1], [9, 1, 0]],
	["eight axes", [2, 1, 3, 2, 1, 2, 2, 3], [72, 72, 24, 12, 12, 6, 3, 1], [12, 12, 0, 6, 6, 3, 0, 1]],
	["many rows", [5000, 9], [9, 1], [0, 1]],
	["no elements", [3, 0, 2], [0, 2, 1], [0, 2, 1]],
];

/** How many elements an operand with these strides spans. */
function span(shape: readonly number[], strides: readonly number[]): number {
	if (shape.includes(0)) return 0;
	return 1 + shape.reduce((last, size, axis) => last + (size - 1) * strides[axis]!, 0);
}

const size = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

function binaryCase(
	operation: BinaryOperation,
	[name, shape, aStrides, bStrides]: (typeof layouts)[number],
): KernelCase {
	return kernelCase({
		name: `binary ${operation}, ${name}`,
		inputs: {
			a: floats(normals(span(shape, aStrides), 1)),
			b: floats(uniforms(span(shape, bStrides), 2, 0.5, 3)),
		},
		outputs: { out: floatOutput(size(shape)) },
		run: (backend, { a, b, out }) => backend.binary(operation, a, b, out, { shape, strides: [aStrides, bStrides] }),
	});
}

function selectCase([name, shape, aStrides, bStrides]: (typeof layouts)[number]): KernelCase {
	const conditionStrides = shape.map((_, axis) => (axis === shape.length - 1 ? 1 : 0));
	return kernelCase({
		name: `select, ${name}`,
		inputs: {
			condition: integers(integersBetween(span(shape, conditionStrides), 3, -1, 2)),
			a: floats(normals(span(shape, aStrides), 1)),
			b: floats(normals(span(shape, bStrides), 2)),
		},
		outputs: { out: floatOutput(size(shape)) },
		tolerance: { absolute: 0, relative: 0 },
		run(backend, { condition, a, b, out }) {
			backend.select(condition, a, b, out, { shape, strides: [conditionStrides, aStrides, bStrides] });
		},
	});
}

/** Select must not compute with the side it does not take. */
const selectNonFinite = kernelCase({
	name: "select past NaN and infinity",
	inputs: {
		condition: integers([1, 0, 1, 0, 256, -2]),
		a: floats([1, NaN, 2, Infinity, 3, 4]),
		b: floats([NaN, 5, Infinity, 6, NaN, NaN]),
	},
	outputs: { out: floatOutput(6) },
	tolerance: { absolute: 0, relative: 0 },
	run: (backend, { condition, a, b, out }) =>
		backend.select(condition, a, b, out, { shape: [6], strides: [[1], [1], [1]] }),
});

/** Name, shape, source [offset, strides, length], target [offset, strides, length]. */
const copies: readonly (readonly [
	string,
	readonly number[],
	readonly [number, readonly number[], number],
	readonly [number, readonly number[], number],
])[] = [
	["whole", [1000], [0, [1], 1000], [0, [1], 1000]],
	["one element", [], [3, [], 5], [2, [], 4]],
	["transpose", [65, 131], [0, [1, 65], 65 * 131], [0, [131, 1], 65 * 131]],
	["heads forward", [2, 3, 50, 16], [0, [2400, 16, 48, 1], 4800], [0, [2400, 800, 16, 1], 4800]],
	["last two of four axes swapped", [2, 3, 33, 21], [0, [2079, 693, 1, 33], 4158], [0, [2079, 693, 21, 1], 4158]],
	["slice", [7, 5], [23, [11, 1], 110], [0, [5, 1], 35]],
	["slice with a step", [33], [1, [3], 100], [0, [1], 33]],
	["pad", [7, 5], [0, [5, 1], 35], [14, [9, 1], 90]],
	["broadcast", [6, 4, 65], [0, [0, 1, 0], 4], [0, [260, 65, 1], 1560]],
	["every other element written", [40, 3], [0, [3, 1], 120], [0, [6, 2], 240]],
	["nothing", [0, 5], [0, [5, 1], 5], [0, [5, 1], 5]],
];

function copyCase(dtype: "float32" | "int32", [name, shape, source, target]: (typeof copies)[number]): KernelCase {
	const layout = {
		shape,
		sourceOffset: source[0],
		sourceStrides: source[1],
		targetOffset: target[0],
		targetStrides: target[1],
	};
	const values =
		dtype === "float32" ? floats(normals(source[2], 4)) : integers(integersBetween(source[2], 4, -(2 ** 31), 2 ** 31));
	return kernelCase({
		name: `copy ${dtype}, ${name}`,
		inputs: { source: values },
		outputs: { target: dtype === "float32" ? floatOutput(target[2]) : integerOutput(target[2]) },
		tolerance: { absolute: 0, relative: 0 },
		run(backend, buffers) {
			backend.fill(buffers.target, 7);
			backend.copy(buffers.source, buffers.target, layout);
		},
	});
}

function fillCase(length: number): KernelCase {
	return kernelCase({
		name: `fill ${length}`,
		inputs: {},
		outputs: { x: floatOutput(length), ids: integerOutput(length) },
		tolerance: { absolute: 0, relative: 1e-7 },
		run(backend, { x, ids }) {
			backend.fill(x, -0.1);
			backend.fill(ids, -123_456_789);
		},
	});
}

const toFloat = kernelCase({
	name: "toFloat",
	inputs: { ids: integers([0, 1, -1, 2 ** 24 + 1, -(2 ** 31), 2 ** 31 - 1, ...integersBetween(1000, 5, -1e6, 1e6)]) },
	outputs: { x: floatOutput(1006) },
	tolerance: { absolute: 0, relative: 0 },
	run: (backend, { ids, x }) => backend.toFloat(ids, x),
});

export const elementwiseCases: readonly KernelCase[] = [
	...lengths.map(fillCase),
	...unaryOperations.flatMap((operation) => [65, 40_003].map((length) => unaryCase(operation, length))),
	...lengths.map((length) => unaryCase(["gelu", 0, -5, 5], length)),
	...unaryOperations.flatMap(unaryExtremes),
	...binaryOperations.flatMap((operation) => layouts.map((layout) => binaryCase(operation, layout))),
	...layouts.map(selectCase),
	selectNonFinite,
	...copies.flatMap((copy) => [copyCase("float32", copy), copyCase("int32", copy)]),
	toFloat,
];
