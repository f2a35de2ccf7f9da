import {
	type BinaryOperation,
	type BroadcastLayout,
	type CopyLayout,
	type DeviceBuffer,
	type ElementwiseKernels,
	floatBits,
	type UnaryOperation,
} from "../backend.js";
import { planCopy } from "./copy-plan.js";
import { doubleWords, type WasmEngine } from "./engine.js";
import { BinaryCode } from "./kernels/elementwise/binary-code.js";
import { Elementwise, SlopeCode, UnaryCode } from "./kernels/elementwise/unary-code.js";
import { KernelId } from "./kernels/kernel-id.js";
import { collapse } from "./loop-nest.js";
import { appendRowWords, itemsOf } from "./row-words.js";
import { derivativeOf, functionOf } from "./unary-function.js";

/** Estimated simple operations for an element of a function with an exponential in it, and of a general power. */
const functionWork = 4;
const powerWork = 12;

const binaryCodes: Readonly<Record<BinaryOperation, BinaryCode>> = {
	add: BinaryCode.add,
	subtract: BinaryCode.subtract,
	multiply: BinaryCode.multiply,
	divide: BinaryCode.divide,
};

function blocksOf(length: number): number {
	return Math.ceil(length / Elementwise.block);
}

function workOf(isPower: boolean, length: number): number {
	return length * (isPower ? powerWork : functionWork);
}

/** Fills a buffer of either type. */
export function fill(engine: WasmEngine, out: DeviceBuffer, value: number): void {
	const bits = out.dtype === "float32" ? floatBits(value) : value | 0;
	engine.dispatch(KernelId.fill, blocksOf(out.length), out.length, [engine.pointer(out), out.length, bits]);
}

/** The kernels that treat every element alike. */
export function elementwiseKernels(engine: WasmEngine): ElementwiseKernels {
	return {
		fill: (out, value) => fill(engine, out, value),
		unary(operation: UnaryOperation, x: DeviceBuffer, out: DeviceBuffer, parameter: number): void {
			const f = functionOf(operation, parameter);
			if (f === null) {
				fill(engine, out, 1);
				return;
			}
			const { length } = x;
			const words = [f.code, length, engine.pointer(x), engine.pointer(out), ...doubleWords(f.parameter)];
			engine.dispatch(KernelId.unary, blocksOf(length), workOf(f.code === UnaryCode.power, length), words);
		},
		unaryGradient(
			operation: UnaryOperation,
			x: DeviceBuffer,
			dy: DeviceBuffer,
			dx: DeviceBuffer,
			parameter: number,
		): void {
			const f = derivativeOf(operation, parameter);
			if (f === null) {
				fill(engine, dx, 0);
				return;
			}
			const { length } = x;
			const pointers = [engine.pointer(x), engine.pointer(dy), engine.pointer(dx)];
			const words = [f.code, length, ...pointers, floatBits(f.factor), ...doubleWords(f.exponent)];
			engine.dispatch(KernelId.unaryGradient, blocksOf(length), workOf(f.code === SlopeCode.power, length), words);
		},
		binary(
			operation: BinaryOperation,
			a: DeviceBuffer,
			b: DeviceBuffer,
			out: DeviceBuffer,
			layout: BroadcastLayout,
		): void {
			const nest = collapse(layout);
			const { length } = out;
			if (length === 0) return;
			const words = [binaryCodes[operation], engine.pointer(out)];
			appendRowWords(words, nest, [engine.pointer(a), engine.pointer(b)]);
			engine.dispatch(KernelId.binary, itemsOf(nest), length, words);
		},
		select(
			condition: DeviceBuffer,
			a: DeviceBuffer,
			b: DeviceBuffer,
			out: DeviceBuffer,
			layout: BroadcastLayout,
		): void {
			const nest = collapse(layout);
			const { length } = out;
			if (length === 0) return;
			const words = [engine.pointer(out)];
			appendRowWords(words, nest, [engine.pointer(condition), engine.pointer(a), engine.pointer(b)]);
			engine.dispatch(KernelId.select, itemsOf(nest), length, words);
		},
		copy(source: DeviceBuffer, target: DeviceBuffer, layout: CopyLayout): void {
			const plan = planCopy(layout);
			if (plan === null) return;
			const words: number[] = [plan.mode];
			const from = engine.pointer(source) + 4 * layout.sourceOffset;
			const to = engine.pointer(target) + 4 * layout.targetOffset;
			appendRowWords(words, plan.nest, [from, to]);
			engine.dispatch(KernelId.copy, plan.items, plan.elements, words);
		},
		toFloat(x: DeviceBuffer, out: DeviceBuffer): void {
			const { length } = x;
			engine.dispatch(KernelId.toFloat, blocksOf(length), length, [engine.pointer(x), engine.pointer(out), length]);
		},
	};
}
