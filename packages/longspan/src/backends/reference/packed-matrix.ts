import type { BufferStore, MatrixFormat, PackedBuffer, PackedMatrixKernels } from "../backend.js";
import { floats, integers, type ReferenceBuffer } from "./buffers.js";
import { roundRow } from "./round-to-format.js";
import { unaryFunctions } from "./unary-functions.js";
import { dot } from "./vectors.js";
import type { WorkCounter } from "./work-counter.js";

/** The elements, rounded to the format, in a buffer as every other. */
interface ReferenceMatrix extends PackedBuffer {
	readonly buffer: ReferenceBuffer;
}

const bufferOf = (matrix: PackedBuffer) => (matrix as ReferenceMatrix).buffer;

export function packedMatrixKernels(store: BufferStore, work: WorkCounter): PackedMatrixKernels {
	return {
		createPackedMatrix(rows: number, columns: number, format: MatrixFormat): ReferenceMatrix {
			const buffer = store.createBuffer("float32", rows * columns) as ReferenceBuffer;
			return { rows, columns, format, bytes: 4 * rows * columns, buffer };
		},

		destroyPackedMatrix: (matrix) => store.destroyBuffer(bufferOf(matrix)),

		writePackedRows(matrix, values, firstRow) {
			const { columns, format } = matrix;
			const elements = floats(bufferOf(matrix));
			for (let at = 0; at < values.length; at += columns) {
				elements.set(roundRow(format, values.subarray(at, at + columns)), firstRow * columns + at);
			}
		},

		gatherPacked(matrix, ids, out) {
			const { columns } = matrix;
			const rows = floats(bufferOf(matrix));
			integers(ids).forEach((id, i) => {
				floats(out).set(rows.subarray(id * columns, (id + 1) * columns), i * columns);
			});
		},

		linear({ x, weight, bias, out, m, n, k, activation }) {
			const input = floats(x);
			const rows = floats("format" in weight ? bufferOf(weight) : weight);
			const output = floats(out);
			for (let row = 0; row < m; row++) {
				for (let column = 0; column < n; column++) {
					const sum = dot(input, row * k, rows, column * k, k) + (bias ? floats(bias)[column]! : 0);
					output[row * n + column] = activation ? unaryFunctions[activation].value(sum, 0) : sum;
				}
			}
			work.flops += 2 * m * n * k;
		},
	};
}
