import type { BinaryOperation, ElementwiseKernels } from "../backend.js";
import { elements, floats, integers } from "./buffers.js";
import { forEachOffset } from "./strided.js";
import { unaryFunctions } from "./unary-functions.js";

const binaryFunctions: Readonly<Record<BinaryOperation, (a: number, b: number) => number>> = {
	add: (a, b) => a + b,
	subtract: (a, b) => a - b,
	multiply: (a, b) => a * b,
	divide: (a, b) => a / b,
};

export const elementwiseKernels: ElementwiseKernels = {
	fill(out, value) {
		elements(out).fill(value);
	},

	unary(operation, x, out, parameter) {
		const { value } = unaryFunctions[operation];
		const input = floats(x);
		const output = floats(out);
		for (let i = 0; i < output.length; i++) output[i] = value(input[i]!, parameter);
	},

	unaryGradient(operation, x, dy, dx, parameter) {
		const { derivative } = unaryFunctions[operation];
		const input = floats(x);
		const outputGradient = floats(dy);
		const inputGradient = floats(dx);
		for (let i = 0; i < inputGradient.length; i++) {
			inputGradient[i] = outputGradient[i]! * derivative(input[i]!, parameter);
		}
	},

	binary(operation, a, b, out, layout) {
		const combine = binaryFunctions[operation];
		const left = floats(a);
		const right = floats(b);
		const output = floats(out);
		let i = 0;
		forEachOffset(layout.shape, layout.strides, ([aAt, bAt]) => {
			output[i++] = combine(left[aAt!]!, right[bAt!]!);
		});
	},

	select(condition, a, b, out, layout) {
		const chosen = integers(condition);
		const left = floats(a);
		const right = floats(b);
		const output = floats(out);
		let i = 0;
		forEachOffset(layout.shape, layout.strides, ([conditionAt, aAt, bAt]) => {
			output[i++] = chosen[conditionAt!] !== 0 ? left[aAt!]! : right[bAt!]!;
		});
	},

	copy(source, target, layout) {
		const from = elements(source);
		const to = elements(target);
		forEachOffset(layout.shape, [layout.sourceStrides, layout.targetStrides], ([sourceAt, targetAt]) => {
			to[layout.targetOffset + targetAt!] = from[layout.sourceOffset + sourceAt!]!;
		});
	},

	toFloat(x, out) {
		floats(out).set(integers(x));
	},
};
