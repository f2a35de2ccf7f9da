import { beforeAll, describe, expect, it } from "vitest";
import { DisposedError, DTypeError, init, intTensor, OptionError, ShapeError, type Tensor, tensor } from "../index.js";
import type { Device } from "../tensor/device.js";
import { normals } from "../testing/random-values.js";
import { expectGradients, type GradientInput } from "../testing/tensor-gradient.js";
import * as ops from "./index.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "reference" });
});

const positive = (shape: number[]): GradientInput => ({
	shape,
	values: normals(
		shape.reduce((a, b) => a * b, 1),
		3,
	).map((x) => 0.3 + Math.abs(x)),
});
const ids = (values: number[], shape = [values.length]) => intTensor(values, shape, device);

/** Every operation at shapes that exercise its broadcasting, axes and options. */
const cases: Record<string, [(...inputs: Tensor[]) => Tensor, GradientInput[]]> = {
	"add, same shape": [
		ops.add,
		[
			[3, 4],
			[3, 4],
		],
	],
	"add, broadcast on both sides": [
		ops.add,
		[
			[3, 1, 4],
			[5, 1],
		],
	],
	"add, number": [(x) => ops.add(2, ops.add(x, 3)), [[4]]],
	"add, a tensor to itself": [(x) => ops.add(x, x), [[4]]],
	"sub, broadcast": [ops.sub, [[2, 3], [3]]],
	"sub, numbers": [(x) => ops.sub(1, ops.sub(x, 3)), [[4]]],
	"mul, broadcast scalar": [ops.mul, [[2, 3], []]],
	"mul, square": [(x) => ops.mul(x, x), [[5]]],
	"mul, number": [(x) => ops.mul(-2, x), [[4]]],
	"div, broadcast": [ops.div, [[2, 3], positive([2, 1])]],
	"div, numbers": [(x) => ops.div(2, ops.div(x, 3)), [positive([4])]],
	neg: [ops.neg, [[5]]],
	exp: [ops.exp, [[5]]],
	log: [ops.log, [positive([5])]],
	tanh: [ops.tanh, [[5]]],
	sigmoid: [ops.sigmoid, [[5]]],
	relu: [ops.relu, [[9]]],
	gelu: [(x) => ops.gelu(x), [[9]]],
	"gelu, tanh form": [(x) => ops.gelu(x, { approximate: "tanh" }), [[9]]],
	silu: [ops.silu, [[9]]],
	softplus: [ops.softplus, [[9]]],
	elu: [ops.elu, [[9]]],
	eluPlusOne: [ops.eluPlusOne, [[9]]],
	sqrt: [ops.sqrt, [positive([5])]],
	"pow 3": [(x) => ops.pow(x, 3), [[5]]],
	"pow -0.5": [(x) => ops.pow(x, -0.5), [positive([5])]],
	"sum of all": [(x) => ops.sum(x), [[2, 3, 4]]],
	"sum over outer axes": [(x) => ops.sum(x, { axes: [0, 2] }), [[2, 3, 4]]],
	"sum keeping axes": [(x) => ops.sum(x, { axes: -1, keepDims: true }), [[2, 3, 4]]],
	"mean over an axis": [(x) => ops.mean(x, { axes: 1 }), [[2, 3, 4]]],
	"max over the last axis": [(x) => ops.max(x, { axes: -1 }), [[3, 5]]],
	"max over separate axes": [(x) => ops.max(x, { axes: [0, 2] }), [[2, 3, 4]]],
	softmax: [(x) => ops.softmax(x), [[3, 5]]],
	"softmax over the first axis": [(x) => ops.softmax(x, 0), [[3, 5]]],
	logSoftmax: [(x) => ops.logSoftmax(x), [[3, 5]]],
	layerNorm: [(x, weight, bias) => ops.layerNorm(x, weight, bias), [[3, 5], [5], [5]]],
	rmsNorm: [(x, weight) => ops.rmsNorm(x, weight), [[2, 3, 5], [5]]],
	crossEntropy: [(x) => ops.crossEntropy(x, ids([1, -100, 4])), [[3, 5]]],
	embedding: [(table) => ops.embedding(table, ids([2, 0, 2, 1, 2, 0], [2, 3])), [[4, 3]]],
	"concat of three": [
		(a, b, c) => ops.concat([a, b, c], 1),
		[
			[2, 1, 3],
			[2, 4, 3],
			[2, 2, 3],
		],
	],
	slice: [(x) => ops.slice(x, 1, 1, -1), [[2, 5, 3]]],
	pad: [(x) => ops.pad(x, 0, 1, 2, 7), [[2, 3]]],
	transpose: [(x) => ops.transpose(x), [[2, 3, 4]]],
	"transpose by order": [(x) => ops.transpose(x, [2, 0, 1]), [[2, 3, 4]]],
	reshape: [(x) => ops.reshape(ops.mul(x, x), [-1, 2]), [[2, 3, 2]]],
	broadcastTo: [(x) => ops.broadcastTo(x, [4, 2, 3]), [[2, 1]]],
	where: [(a, b) => ops.where(ids([1, 0, 1], [3, 1]), a, b), [[3, 4], [4]]],
	cumsum: [(x) => ops.cumsum(x, 1), [[2, 5, 3]]],
	"cumsum from the end": [(x) => ops.cumsum(x, -1, { reverse: true }), [[2, 5]]],
	dropout: [(x) => ops.dropout(x, 0.4, { seed: 3, stream: 1, step: 2 }), [[20]]],
	matmul: [
		(a, b) => ops.matmul(a, b),
		[
			[3, 4],
			[4, 5],
		],
	],
	"matmul, a transposed": [
		(a, b) => ops.matmul(a, b, { transposeA: true }),
		[
			[4, 3],
			[4, 5],
		],
	],
	"matmul, b transposed": [
		(a, b) => ops.matmul(a, b, { transposeB: true }),
		[
			[3, 4],
			[5, 4],
		],
	],
	"matmul, both transposed": [
		(a, b) => ops.matmul(a, b, { transposeA: true, transposeB: true }),
		[
			[2, 4, 3],
			[2, 5, 4],
		],
	],
	"matmul, shared matrix": [
		(a, b) => ops.matmul(a, b),
		[
			[2, 3, 4],
			[4, 5],
		],
	],
	"matmul, shared matrix transposed": [
		(a, b) => ops.matmul(a, b, { transposeB: true }),
		[
			[2, 3, 4],
			[5, 4],
		],
	],
	"matmul, shared left": [
		(a, b) => ops.matmul(a, b),
		[
			[3, 4],
			[2, 4, 5],
		],
	],
	"matmul, batches that broadcast both ways": [
		(a, b) => ops.matmul(a, b),
		[
			[2, 1, 3, 4],
			[3, 4, 2],
		],
	],
	"matmul, shared matrix and transposed left": [
		(a, b) => ops.matmul(a, b, { transposeA: true }),
		[
			[2, 4, 3],
			[4, 5],
		],
	],
};

describe("gradients equal central differences", () => {
	it.each(Object.entries(cases))("%s", (_, [fn, inputs]) => {
		expectGradients(device, fn, inputs);
	});
});

describe("values", () => {
	const values = (x: Tensor) => Array.from(x.dataSync());
	const x = () => tensor([1, 2, 3, 4, 5, 6], [2, 3]);

	it("broadcasts like NumPy", () => {
		expect(values(ops.add(x(), tensor([10, 20], [2, 1])))).toEqual([11, 12, 13, 24, 25, 26]);
		expect(values(ops.sub(1, x()))).toEqual([0, -1, -2, -3, -4, -5]);
	});

	it("multiplies matrices", () => {
		expect(values(ops.matmul(x(), x(), { transposeB: true }))).toEqual([14, 32, 32, 77]);
		expect(values(ops.matmul(x(), x(), { transposeA: true }))).toEqual([17, 22, 27, 22, 29, 36, 27, 36, 45]);
	});

	it("reduces over axes", () => {
		expect(values(ops.sum(x(), { axes: 0 }))).toEqual([5, 7, 9]);
		expect(ops.sum(x(), { axes: 0, keepDims: true }).shape).toEqual([1, 3]);
		expect(values(ops.mean(x()))).toEqual([3.5]);
		expect(values(ops.max(x(), { axes: 1 }))).toEqual([3, 6]);
	});

	it("moves data", () => {
		expect(values(ops.transpose(x()))).toEqual([1, 4, 2, 5, 3, 6]);
		expect(values(ops.slice(x(), 1, -2))).toEqual([2, 3, 5, 6]);
		expect(values(ops.pad(x(), 1, 1, 0))).toEqual([0, 1, 2, 3, 0, 4, 5, 6]);
		expect(values(ops.concat([x(), x()], 0)).length).toBe(12);
		expect(values(ops.cumsum(x(), 0))).toEqual([1, 2, 3, 5, 7, 9]);
		expect(Array.from(ops.slice(ids([5, 6, 7]), 0, 1).dataSync())).toEqual([6, 7]);
	});

	it("draws the same numbers for the same source, and others for another", () => {
		const draw = (step: number) => values(ops.uniform([64], { seed: 7, stream: 2, step }));
		expect(draw(1)).toEqual(draw(1));
		expect(draw(1)).not.toEqual(draw(2));
		const many = values(ops.normal([20000], { seed: 1 }));
		const mean = many.reduce((a, b) => a + b) / many.length;
		const variance = many.reduce((a, b) => a + (b - mean) ** 2, 0) / many.length;
		expect(Math.abs(mean)).toBeLessThan(0.03);
		expect(Math.abs(variance - 1)).toBeLessThan(0.03);
	});
});

describe("bad input gives one error that names the argument", () => {
	const x = () => tensor([1, 2, 3, 4, 5, 6], [2, 3]);
	const failures: [string, () => unknown, new (...args: never[]) => Error, RegExp][] = [
		["shapes that do not broadcast", () => ops.add(x(), tensor([1, 2])), ShapeError, /add: shapes \[2, 3\] and \[2\]/],
		[
			"inner sizes of a product",
			() => ops.matmul(x(), x()),
			ShapeError,
			/matmul: a \[2, 3\] has inner size 3, b \[2, 3\] has 2/,
		],
		["a vector in a product", () => ops.matmul(x(), tensor([1, 2, 3])), ShapeError, /argument b has shape \[3\]/],
		[
			"an int32 operand",
			() => ops.exp(ids([1]) as unknown as Tensor),
			DTypeError,
			/exp: argument x is an int32 tensor/,
		],
		[
			"something that is no tensor",
			() => ops.exp(3 as unknown as Tensor),
			DTypeError,
			/exp: argument x is 3; expected a tensor/,
		],
		["a number that is not finite", () => ops.mul(x(), Number.NaN), OptionError, /mul: the number is NaN/],
		[
			"an axis out of range",
			() => ops.sum(x(), { axes: 2 }),
			OptionError,
			/sum: axis is 2; expected an integer from -2 to 1/,
		],
		["an axis twice", () => ops.sum(x(), { axes: [1, -1] }), OptionError, /name an axis twice/],
		["a reshape of another size", () => ops.reshape(x(), [4]), ShapeError, /reshape: shape \[4\] has 4 elements/],
		["a reshape that does not divide", () => ops.reshape(x(), [4, -1]), ShapeError, /do not divide/],
		[
			"an order that is no permutation",
			() => ops.transpose(x(), [0, 0]),
			OptionError,
			/must name each of the 2 axes once/,
		],
		["a slice out of range", () => ops.slice(x(), 1, 1, 9), OptionError, /range 1 to 9 does not lie in axis 1/],
		[
			"tensors that do not concatenate",
			() => ops.concat([x(), tensor([1], [1, 1])], 0),
			ShapeError,
			/tensors\[1\] has shape \[1, 1\]/,
		],
		["ids out of range", () => ops.embedding(x(), ids([0, 2])), OptionError, /ids hold 2; expected 0 to 1/],
		["targets out of range", () => ops.crossEntropy(x(), ids([0, 3])), OptionError, /targets hold 3; expected 0 to 2/],
		[
			"negative targets beside ignored ones",
			() => ops.crossEntropy(x(), ids([-1, -100])),
			OptionError,
			/targets hold -1/,
		],
		[
			"a norm weight of the wrong length",
			() => ops.rmsNorm(x(), tensor([1])),
			ShapeError,
			/argument weight has shape \[1\]; expected \[3\]/,
		],
		["a dropout rate of 1", () => ops.dropout(x(), 1, { seed: 1 }), OptionError, /rate is 1/],
		["a seed that is no integer", () => ops.uniform([2], { seed: 0.5 }), OptionError, /seed is 0.5/],
		[
			"values that do not fill the shape",
			() => tensor([1, 2], [3]),
			ShapeError,
			/values has 2 elements; shape \[3\] needs 3/,
		],
		["ids that are no integers", () => ids([0.5]), DTypeError, /values\[0\] is 0.5/],
		["a negative size", () => ops.uniform([-1], { seed: 0 }), ShapeError, /non-negative integers/],
	];
	it.each(failures)("%s", (_, act, kind, message) => {
		const before = device.memoryStats().buffers;
		expect(act).toThrow(kind);
		expect(act).toThrow(message);
		// Operands made by `act` itself live on; nothing else may.
		expect(device.memoryStats().buffers - before).toBeLessThanOrEqual(4);
	});

	it("a tensor used after disposal", () => {
		const gone = x();
		gone.dispose();
		gone.dispose();
		expect(() => ops.exp(gone)).toThrow(DisposedError);
		expect(() => ops.exp(gone)).toThrow(/used after it was disposed/);
	});
});
