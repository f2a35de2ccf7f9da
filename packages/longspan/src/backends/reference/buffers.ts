import { DisposedError, OutOfMemoryError } from "../../errors.js";
import type { BufferStore, DeviceBuffer, DType } from "../backend.js";
import type { WorkCounter } from "./work-counter.js";

/** Every element counts as 4 bytes, as on a device, although float32 elements are held as float64 here. */
const bytesPerElement = 4;

/**
 * A buffer of the reference backend. float32 elements are held in float64, so that a whole computation runs in double
 * precision; only `read` rounds.
 */
export class ReferenceBuffer implements DeviceBuffer {
	readonly dtype: DType;
	readonly length: number;
	#values: Float64Array | Int32Array | null;

	constructor(dtype: DType, length: number) {
		this.dtype = dtype;
		this.length = length;
		// A new buffer holds garbage that no computation survives, so that a missing write shows.
		this.#values = dtype === "int32" ? new Int32Array(length).fill(-(2 ** 31)) : new Float64Array(length).fill(NaN);
	}

	get values(): Float64Array | Int32Array {
		if (this.#values === null) throw new DisposedError("The buffer was used after it was destroyed.");
		return this.#values;
	}

	/** Gives the memory up; false if that happened before. */
	release(): boolean {
		const alive = this.#values !== null;
		this.#values = null;
		return alive;
	}
}

/** The elements of a buffer of either type, themselves and not a copy. */
export function elements(buffer: DeviceBuffer): Float64Array | Int32Array {
	return (buffer as ReferenceBuffer).values;
}

/** The elements of a float32 buffer, themselves and not a copy. */
export function floats(buffer: DeviceBuffer): Float64Array {
	return elements(buffer) as Float64Array;
}

/** The elements of an int32 buffer, themselves and not a copy. */
export function integers(buffer: DeviceBuffer): Int32Array {
	return elements(buffer) as Int32Array;
}

/** A copy of the elements before rounding to float32, for tests. */
export function float64Values(buffer: DeviceBuffer): Float64Array {
	return Float64Array.from(elements(buffer));
}

/** Buffers in JavaScript memory, at most `memoryLimit` bytes of them. */
export function createBufferStore(memoryLimit: number, work: WorkCounter): Required<BufferStore> {
	let liveBytes = 0;
	let peakBytes = 0;
	let buffers = 0;

	function readSync(buffer: DeviceBuffer): Float32Array | Int32Array {
		return buffer.dtype === "int32" ? integers(buffer).slice() : Float32Array.from(floats(buffer));
	}

	return {
		createBuffer(dtype, length) {
			const bytes = length * bytesPerElement;
			const buffer = liveBytes + bytes <= memoryLimit ? allocate(dtype, length) : null;
			if (buffer === null) {
				throw new OutOfMemoryError(
					`No room for a buffer of ${bytes} bytes: ${liveBytes} bytes are alive in ${buffers} buffers.`,
				);
			}
			liveBytes += bytes;
			peakBytes = Math.max(peakBytes, liveBytes);
			buffers++;
			return buffer;
		},
		destroyBuffer(buffer) {
			if (!(buffer as ReferenceBuffer).release()) return;
			liveBytes -= buffer.length * bytesPerElement;
			buffers--;
		},
		write(buffer, values) {
			elements(buffer).set(values);
		},
		async read(buffer) {
			return readSync(buffer);
		},
		readSync,
		memoryStats: () => ({ liveBytes, peakBytes, buffers }),
		resetPeak() {
			peakBytes = liveBytes;
		},
		workStats: () => ({ ...work }),
		resetWork() {
			work.flops = 0;
			work.tiles = 0;
			work.kernels = 0;
		},
	};
}

function allocate(dtype: DType, length: number): ReferenceBuffer | null {
	try {
		return new ReferenceBuffer(dtype, length);
	} catch (error) {
		if (error instanceof RangeError) return null;
		throw error;
	}
}
