import type { DeviceBuffer } from "./buffers.js";
import type { UnaryOperation } from "./elementwise.js";

/**
 * How a packed matrix keeps its elements. Everything is rounded to nearest, ties to even.
 *
 * - bfloat16: as such.
 * - float16: 11 significant bits, whatever the size of the numbers: rows are divided by a power of two that brings their largest
 *   magnitude to between 2^15 and 2^16 (but by 2^-126 at least), and what is then below 2^-14 becomes 0.
 * - int8: integers from -127 to 127 times one float32 for each row, its largest magnitude / 127, by which its elements are divided in
 *   float32.
 */
export type MatrixFormat = "float32" | "float16" | "bfloat16" | "int8";

/** A matrix [rows, columns] in the order and format in which a device multiplies by its transpose. Opaque above the backend. */
export interface PackedBuffer {
	readonly rows: number;
	readonly columns: number;
	readonly format: MatrixFormat;
	/** Of device memory. */
	readonly bytes: number;
}

export interface LinearArguments {
	/** [m, k] */
	readonly x: DeviceBuffer;
	/** [n, k] */
	readonly weight: DeviceBuffer | PackedBuffer;
	/** [n] */
	readonly bias: DeviceBuffer | null;
	/** [m, n], overwritten. */
	readonly out: DeviceBuffer;
	readonly m: number;
	readonly n: number;
	readonly k: number;
	/** Null for none. */
	readonly activation: Extract<UnaryOperation, "gelu" | "geluTanh" | "relu" | "silu" | "tanh"> | null;
}

export interface PackedMatrixKernels {
	/** Rows and columns are at least 1; contents are undefined until written. Throws `OutOfMemoryError`. */
	createPackedMatrix(rows: number, columns: number, format: MatrixFormat): PackedBuffer;
	destroyPackedMatrix(matrix: PackedBuffer): void;
	/** Writes whole rows from `firstRow` on: finite numbers that the format can hold. */
	writePackedRows(matrix: PackedBuffer, values: Float32Array, firstRow: number): void;
	/** out[i] = row ids[i]. The caller has checked the ids. */
	gatherPacked(matrix: PackedBuffer, ids: DeviceBuffer, out: DeviceBuffer): void;
	/** out = activation(x · weightᵀ + bias), summed in float32 whatever the format. */
	linear(args: LinearArguments): void;
}
