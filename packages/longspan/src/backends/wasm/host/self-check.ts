import { DeviceError } from "../../../errors.js";
import type { BufferStore, DeviceBuffer, ElementwiseKernels, MatrixKernels } from "../../backend.js";

type Checked = Required<BufferStore> & MatrixKernels & Pick<ElementwiseKernels, "unary">;

/** Not multiples of any tile or vector, and large enough for whole ones. */
const m = 13;
const n = 37;
const k = 29;

/** So many calls make V8 optimise the functions that are called. They take some milliseconds. */
const callsUntilHot = 2000;

/**
 * Throws `DeviceError` if a matrix product or an exponential differs from what plain JavaScript computes. If
 * `hot`, they are what comes out after so many calls that the optimising compiler has had its turn.
 */
export function checkNumerically(backend: Checked, hot: boolean): void {
	const repeat = (call: () => void) => {
		for (let i = hot ? callsUntilHot : 1; i > 0; i--) call();
	};
	const buffers: DeviceBuffer[] = [];
	const create = (length: number, values?: Float32Array) => {
		const buffer = backend.createBuffer("float32", length);
		buffers.push(buffer);
		if (values) backend.write(buffer, values);
		return buffer;
	};
	try {
		const a = wave(m * k, 0.7);
		const b = wave(k * n, 0.3);
		const product = create(m * n);
		const shape = { batch: 1, m, n, k, aBatchStride: 0, bBatchStride: 0, transposeA: false, transposeB: false };
		const args = { a: create(a.length, a), b: create(b.length, b), out: product, ...shape };
		repeat(() => backend.matmul(args));
		compare("matmul", backend.readSync(product), (i) => dot(a, b, Math.floor(i / n), i % n));

		const x = wave(m * n, 1.1).map((value) => value * 20);
		const exponential = create(x.length);
		const exponent = create(x.length, x);
		repeat(() => backend.unary("exp", exponent, exponential, 0));
		compare("exp", backend.readSync(exponential), (i) => Math.exp(x[i] as number));
	} finally {
		for (const buffer of buffers) backend.destroyBuffer(buffer);
	}
}

/** Values of either sign in [-1, 1]. */
function wave(length: number, step: number): Float32Array {
	return Float32Array.from({ length }, (_, i) => Math.sin(i * step + step));
}

function dot(a: Float32Array, b: Float32Array, row: number, column: number): number {
	let sum = 0;
	for (let t = 0; t < k; t++) sum += (a[row * k + t] as number) * (b[t * n + column] as number);
	return sum;
}

function compare(name: string, actual: ArrayLike<number>, expected: (index: number) => number): void {
	for (let i = 0; i < actual.length; i++) {
		const wanted = expected(i);
		const error = Math.abs((actual[i] as number) - wanted);
		// Written so that NaN fails.
		if (!(error <= 1e-5 * Math.max(1, Math.abs(wanted)))) {
			throw new DeviceError(`${name} computes ${actual[i]} where ${wanted} is right`);
		}
	}
}
