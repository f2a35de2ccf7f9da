import type {
	BufferStore,
	DeviceBuffer,
	LinearArguments,
	MatrixFormat,
	PackedBuffer,
	PackedMatrixKernels,
} from "../backend.js";
import { optionalPointer, type WasmEngine } from "./engine.js";
import { UnaryCode } from "./kernels/elementwise/unary-code.js";
import { KernelId } from "./kernels/kernel-id.js";
import { MatmulSize } from "./kernels/matrix/matmul-size.js";
import { PackedFormat } from "./kernels/matrix/packed-format.js";
import { depthBlockOf } from "./matrix-partition.js";
import { multiply, type PackedLayout } from "./product.js";

interface FormatFacts {
	readonly code: PackedFormat;
	readonly elementBytes: number;
	/** Whether each row has a factor. */
	readonly scaled: boolean;
}

const formats: Readonly<Record<MatrixFormat, FormatFacts>> = {
	float32: { code: PackedFormat.float32, elementBytes: 4, scaled: false },
	float16: { code: PackedFormat.float16, elementBytes: 2, scaled: true },
	bfloat16: { code: PackedFormat.bfloat16, elementBytes: 2, scaled: false },
	int8: { code: PackedFormat.int8, elementBytes: 1, scaled: true },
};

/** Estimated simple operations to read an element from a panel, and to round one and write it. */
const gatherWork = 4;
const packWork = 8;

/** A packed matrix in the heap: panels, as the kernels describe them, and after them the factors of rows that have any. */
interface WasmPackedMatrix extends PackedBuffer {
	readonly buffer: DeviceBuffer;
	readonly layout: PackedLayout;
	/** Bytes from the start to the factors; null for none. */
	readonly scalesAt: number | null;
}

/** Matrices in the order in which the kernel of `linear` reads them. */
export function packedMatrixKernels(engine: WasmEngine, store: BufferStore): PackedMatrixKernels {
	const scalesOf = ({ buffer, scalesAt }: WasmPackedMatrix) =>
		scalesAt === null ? 0 : engine.pointer(buffer) + scalesAt;
	return {
		createPackedMatrix(rows, columns, format): WasmPackedMatrix {
			const { code, elementBytes, scaled } = formats[format];
			const padded = Math.ceil(rows / MatmulSize.group) * MatmulSize.group;
			const elements = padded * columns * elementBytes;
			const bytes = elements + (scaled ? 4 * padded : 0);
			const buffer = store.createBuffer("int32", bytes / 4);
			const matrix = {
				rows,
				columns,
				format,
				bytes,
				buffer,
				layout: { format: code, padded },
				scalesAt: scaled ? elements : null,
			};
			if (padded > rows) clearLastGroup(engine, matrix, elementBytes);
			return matrix;
		},
		destroyPackedMatrix(matrix): void {
			store.destroyBuffer((matrix as WasmPackedMatrix).buffer);
		},
		writePackedRows(matrix, values, firstRow): void {
			const packed = matrix as WasmPackedMatrix;
			const { columns } = packed;
			const rows = values.length / columns;
			if (rows === 0) return;
			engine.withTemporary(4 * values.length, (source) => {
				engine.f32.set(values, source / 4);
				const firstGroup = Math.floor(firstRow / MatmulSize.group);
				const groups = Math.ceil((firstRow + rows) / MatmulSize.group) - firstGroup;
				engine.dispatch(KernelId.packRows, groups, packWork * values.length, [
					...[source, engine.pointer(packed.buffer), scalesOf(packed), packed.layout.format],
					...[firstRow, rows, columns, packed.layout.padded, depthBlockOf(columns)],
				]);
			});
		},
		gatherPacked(matrix, ids, out): void {
			const packed = matrix as WasmPackedMatrix;
			const { columns } = packed;
			engine.dispatch(KernelId.gatherPacked, ids.length, gatherWork * out.length, [
				...[engine.pointer(packed.buffer), scalesOf(packed), packed.layout.format],
				...[engine.pointer(ids), engine.pointer(out), columns, packed.layout.padded, depthBlockOf(columns)],
			]);
		},
		linear({ x, weight, bias, out, m, n, k, activation }: LinearArguments): void {
			const packed = "format" in weight ? (weight as WasmPackedMatrix) : null;
			const product = {
				...{
					a: engine.pointer(x),
					b: engine.pointer(packed?.buffer ?? (weight as DeviceBuffer)),
					out: engine.pointer(out),
				},
				...{ batch: 1, m, n, k, aBatchStride: 0, bBatchStride: 0, transposeA: false, transposeB: true },
			};
			multiply(engine, product, packed?.layout ?? null, {
				scales: packed ? scalesOf(packed) : 0,
				bias: optionalPointer(engine, bias),
				activation: activation ? UnaryCode[activation] : -1,
			});
		},
	};
}

/** Numbers that no row is written to are read with the others and forgotten, but subnormal ones would take their time. */
function clearLastGroup(engine: WasmEngine, { buffer, columns, layout }: WasmPackedMatrix, elementBytes: number): void {
	const depthBlock = depthBlockOf(columns);
	for (let start = 0; start < columns; start += depthBlock) {
		const depth = Math.min(depthBlock, columns - start);
		const end = engine.pointer(buffer) + layout.padded * (start + depth) * elementBytes;
		engine.i32.fill(0, (end - MatmulSize.group * depth * elementBytes) / 4, end / 4);
	}
}
