/** Element types: float32 for values, int32 for ids and masks. */
export type DType = "float32" | "int32";

/** The JavaScript array that holds elements of a given type. */
export type TypedArrayOf<D extends DType> = D extends "int32" ? Int32Array : Float32Array;

/** Memory owned by a backend. Opaque above the backend: only its type and length are known. */
export interface DeviceBuffer {
	readonly dtype: DType;
	/** Number of elements. */
	readonly length: number;
}

/** Memory of a device, in bytes. */
export interface MemoryStats {
	/** Bytes of all buffers alive, those of running kernels included. */
	readonly liveBytes: number;
	/** Largest `liveBytes` since the start or the last `resetPeak`. */
	readonly peakBytes: number;
	/** Number of buffers alive. */
	readonly buffers: number;
}

/** Work done by kernels since the last reset; counted where it happens, not predicted. */
export interface WorkStats {
	/** Multiplications and additions of matrix products (2 per multiply-add). */
	readonly flops: number;
	/** Tiles of scores that attention kernels visited. */
	readonly tiles: number;
	/** Number of kernel calls. */
	readonly kernels: number;
}

/** Buffers and their contents. */
export interface BufferStore {
	/** Contents are undefined until written. Throws `OutOfMemoryError`. */
	createBuffer(dtype: DType, length: number): DeviceBuffer;
	destroyBuffer(buffer: DeviceBuffer): void;
	/** Copies `values` to the start of `buffer`. */
	write(buffer: DeviceBuffer, values: ArrayLike<number>): void;
	/** Resolves when all earlier kernels are done. */
	read(buffer: DeviceBuffer): Promise<Float32Array | Int32Array>;
	/** Present where the device can answer at once. */
	readSync?(buffer: DeviceBuffer): Float32Array | Int32Array;
	memoryStats(): MemoryStats;
	resetPeak(): void;
	workStats(): WorkStats;
	resetWork(): void;
}
