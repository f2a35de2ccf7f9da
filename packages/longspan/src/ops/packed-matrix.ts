import type { MatrixFormat, PackedBuffer } from "../backends/backend.js";
import { DisposedError, OptionError, ShapeError } from "../errors.js";
import type { Device } from "../tensor/device.js";
import { formatShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { checkChoice, checkNumber, describe } from "./operands.js";

export type { MatrixFormat };

/** Numbers of this magnitude and above would round to infinity. */
const limits: Readonly<Record<MatrixFormat, number>> = {
	float32: Number.POSITIVE_INFINITY,
	float16: Number.POSITIVE_INFINITY,
	bfloat16: (2 - 2 ** -8) * 2 ** 127,
	int8: Number.POSITIVE_INFINITY,
};

/**
 * A matrix in the order in which the kernel of `linear` reads it, for use but not for training. `embedding` reads its rows back. It
 * belongs to no scope: `dispose` frees it.
 *
 * Elements are kept in one of these formats; products are summed in float32 whatever the format. float32: 4 bytes, exact. float16 and
 * bfloat16: 2 bytes, rounded to 11 and 8 significant bits; of float16, rows are scaled to its range, so that it holds numbers of any
 * size. int8: 1 byte; rows are divided by their largest magnitude / 127 and rounded to integers.
 */
export class PackedMatrix {
	readonly shape: readonly [rows: number, columns: number];
	#buffer: PackedBuffer | null;

	/**
	 * Its contents are undefined until every row is written.
	 *
	 * @param shape [outputs, inputs] or [rows, width], at least 1 each
	 * @throws OutOfMemoryError if the device has no room
	 */
	constructor(
		shape: readonly [rows: number, columns: number],
		readonly format: MatrixFormat,
		readonly device: Device,
	) {
		checkChoice("PackedMatrix", "format", format, Object.keys(limits));
		if (!(Array.isArray(shape) && shape.length === 2 && shape.every((size) => Number.isInteger(size) && size > 0)))
			throw new ShapeError(
				`PackedMatrix: shape is ${Array.isArray(shape) ? formatShape(shape) : describe(shape)}; expected [rows, columns], at least 1 each`,
			);
		this.shape = [shape[0], shape[1]];
		this.#buffer = device.backend.createPackedMatrix(shape[0], shape[1], format);
	}

	/** @internal */
	get buffer(): PackedBuffer {
		if (!this.#buffer)
			throw new DisposedError(`packed matrix ${formatShape(this.shape)} was used after it was disposed`);
		return this.#buffer;
	}

	/** Bytes of device memory. */
	get bytes(): number {
		return this.buffer.bytes;
	}

	/**
	 * Writes whole rows from `firstRow` on; beside the matrix, only a copy of these is in device memory for a moment.
	 *
	 * @param values row after row
	 * @throws ShapeError if the values are not whole rows, or do not fit
	 * @throws OptionError if a value is not finite or beyond the range of the format
	 */
	write(values: Float32Array, firstRow: number): void {
		const { buffer, format } = this;
		const [rows, columns] = this.shape;
		if (!(values instanceof Float32Array))
			throw new OptionError(`PackedMatrix.write: values is ${describe(values)}; expected a Float32Array`);
		checkNumber("PackedMatrix.write", "firstRow", firstRow, { min: 0, max: rows, integer: true });
		const count = values.length / columns;
		if (!Number.isInteger(count) || firstRow + count > rows)
			throw new ShapeError(
				`PackedMatrix.write: ${values.length} values from row ${firstRow} on do not fit; expected rows of ${columns}, of which there are ${rows}`,
			);
		const wrong = firstBeyond(values, limits[format]);
		if (wrong >= 0)
			throw new OptionError(
				Number.isFinite(values[wrong])
					? `PackedMatrix.write: values[${wrong}] is ${values[wrong]}, which ${format} cannot hold; use the format float16 or float32`
					: `PackedMatrix.write: values[${wrong}] is ${values[wrong]}; expected finite numbers`,
			);
		this.device.backend.writePackedRows(buffer, values, firstRow);
	}

	/** Frees the memory. Harmless if repeated. */
	dispose(): void {
		if (this.#buffer) this.device.backend.destroyPackedMatrix(this.#buffer);
		this.#buffer = null;
	}
}

/** Index of the first value whose magnitude is not below the limit, -1 if there is none. */
function firstBeyond(values: Float32Array, limit: number): number {
	for (let index = 0; index < values.length; index++) if (!(Math.abs(values[index] as number) < limit)) return index;
	return -1;
}

/** A weight [outputs, inputs] of `linear`, or a table [rows, width] of `embedding`: to be trained, or packed for use. */
export type Matrix = Tensor | PackedMatrix;
