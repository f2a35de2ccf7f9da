import { DisposedError, OptionError, ShapeError } from "../errors.js";
import { emptyTensor, tensor } from "../tensor/create.js";
import type { Device } from "../tensor/device.js";
import { keep } from "../tensor/scope.js";
import { formatShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** How a packed matrix keeps its elements. Products are summed in float32 whatever the format. */
export type MatrixFormat = "float32" | "float16" | "bfloat16" | "int8";

/** A matrix in the order in which the kernel of `linear` reads it. It belongs to no scope: `dispose` frees it. */
export class PackedMatrix {
	#rows: Tensor | null;

	/** Its contents are undefined until every row is written. */
	constructor(
		readonly shape: readonly [rows: number, columns: number],
		readonly format: MatrixFormat,
		readonly device: Device,
	) {
		if (format !== "float32") throw new OptionError(`PackedMatrix: format ${format} is not there yet`);
		this.#rows = keep(emptyTensor(device, shape));
	}

	/** @internal */
	get values(): Tensor {
		if (!this.#rows) throw new DisposedError(`packed matrix ${formatShape(this.shape)} was used after it was disposed`);
		return this.#rows;
	}

	/** Bytes of device memory. */
	get bytes(): number {
		return 4 * this.values.size;
	}

	/** Writes whole rows from `firstRow` on. */
	write(values: Float32Array, firstRow: number): void {
		const [rows, columns] = this.shape;
		const count = values.length / columns;
		if (!Number.isInteger(count) || firstRow + count > rows)
			throw new ShapeError(`PackedMatrix.write: ${values.length} values from row ${firstRow} do not fit`);
		const piece = tensor(values, [count, columns], this.device);
		this.device.backend.copy(piece.buffer, this.values.buffer, {
			shape: [count, columns],
			sourceOffset: 0,
			sourceStrides: [columns, 1],
			targetOffset: firstRow * columns,
			targetStrides: [columns, 1],
		});
		piece.dispose();
	}

	/** Frees the memory. Harmless if repeated. */
	dispose(): void {
		this.#rows?.dispose();
		this.#rows = null;
	}
}

/** A weight [outputs, inputs] of `linear`, or a table [rows, width] of `embedding`: to be trained, or packed for use. */
export type Matrix = Tensor | PackedMatrix;
