import { expect, it } from "vitest";
import { normals } from "../../testing/random-values.js";
import { useSubjects } from "../../testing/wasm-engines.js";
import type { DeviceBuffer, MatrixFormat } from "../backend.js";

const subjects = useSubjects();
const formats: readonly MatrixFormat[] = ["float32", "float16", "bfloat16", "int8"];

it.each(formats)("what pads the last group of a packed matrix is zero, where memory was NaN: %s", (format) => {
	for (const { kernels, read } of subjects) {
		const [rows, columns] = [33, 401];
		const matrix = kernels.createPackedMatrix(rows, columns, format);
		kernels.writePackedRows(matrix, Float32Array.from(normals(rows * columns, 1)), 0);
		const words = read((matrix as typeof matrix & { readonly buffer: DeviceBuffer }).buffer);
		expect(words.length * 4).toBe(matrix.bytes);
		// Words of a float32 NaN, which fills fresh memory; the factors of rows that are none are not read.
		const elements = format === "float32" ? 4 : format === "int8" ? 1 : 2;
		expect(words.slice(0, (64 * columns * elements) / 4)).not.toContain(0x7fc00000);
		kernels.destroyPackedMatrix(matrix);
	}
});

it("rows of a packed matrix that are written again replace the old ones alone", () => {
	for (const { kernels, floats, integers, empty, read } of subjects) {
		const [rows, columns] = [50, 9];
		const [old, fresh] = [normals(rows * columns, 1), normals(20 * columns, 2)].map((values) =>
			Float32Array.from(values),
		);
		const matrix = kernels.createPackedMatrix(rows, columns, "float32");
		kernels.writePackedRows(matrix, old!, 0);
		kernels.writePackedRows(matrix, fresh!, 13);
		const all = empty(rows * columns);
		kernels.gatherPacked(matrix, integers(Array.from({ length: rows }, (_, row) => row)), all);
		const expected = Float32Array.from(old!);
		expected.set(fresh!, 13 * columns);
		expect(read(all)).toEqual(Array.from(expected));
		const [x, out] = [floats(Array.from({ length: columns }, (_, i) => (i === 4 ? 1 : 0))), empty(rows)];
		kernels.linear({ x, weight: matrix, bias: null, out, m: 1, n: rows, k: columns, activation: null });
		expect(read(out)).toEqual(Array.from({ length: rows }, (_, row) => expected[row * columns + 4]));
		kernels.destroyPackedMatrix(matrix);
	}
});
