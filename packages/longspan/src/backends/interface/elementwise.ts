import type { DeviceBuffer } from "./buffers.js";

export type UnaryOperation =
	| "negate"
	| "exp"
	| "log"
	| "tanh"
	| "sigmoid"
	| "relu"
	| "gelu"
	| "geluTanh"
	| "silu"
	| "softplus"
	| "elu"
	/** elu(x) + 1 */
	| "eluPlusOne"
	| "sqrt"
	| "sin"
	| "cos"
	/** x ^ parameter */
	| "power"
	/** x * parameter */
	| "scale"
	/** x + parameter */
	| "shift";

export type BinaryOperation = "add" | "subtract" | "multiply" | "divide";

/**
 * One loop nest over `shape` (row-major, at most 8 axes): each operand has one stride per axis in elements, 0 where it is broadcast.
 */
export interface BroadcastLayout {
	readonly shape: readonly number[];
	readonly strides: readonly (readonly number[])[];
}

export interface CopyLayout {
	readonly shape: readonly number[];
	readonly sourceOffset: number;
	readonly sourceStrides: readonly number[];
	readonly targetOffset: number;
	readonly targetStrides: readonly number[];
}

/** Kernels that treat every element alike. All are float32 unless said otherwise. */
export interface ElementwiseKernels {
	/** Any dtype. */
	fill(out: DeviceBuffer, value: number): void;
	unary(operation: UnaryOperation, x: DeviceBuffer, out: DeviceBuffer, parameter: number): void;
	/** dx = dy * operation'(x) */
	unaryGradient(
		operation: UnaryOperation,
		x: DeviceBuffer,
		dy: DeviceBuffer,
		dx: DeviceBuffer,
		parameter: number,
	): void;
	/** `strides` of the layout: [a, b]; `out` is contiguous. */
	binary(
		operation: BinaryOperation,
		a: DeviceBuffer,
		b: DeviceBuffer,
		out: DeviceBuffer,
		layout: BroadcastLayout,
	): void;
	/** out = condition ? a : b with an int32 condition. `strides`: [condition, a, b]; `out` is contiguous. */
	select(condition: DeviceBuffer, a: DeviceBuffer, b: DeviceBuffer, out: DeviceBuffer, layout: BroadcastLayout): void;
	/** Strided copy of either dtype (both buffers the same): transpose, slice, pad, concat and broadcast are all this. */
	copy(source: DeviceBuffer, target: DeviceBuffer, layout: CopyLayout): void;
	/** int32 to float32. */
	toFloat(x: DeviceBuffer, out: DeviceBuffer): void;
}
