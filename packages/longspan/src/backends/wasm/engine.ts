import type { DeviceBuffer } from "../backend.js";
import type { KernelId } from "./kernels/kernel-id.js";

/** What kernel wrappers need of the running WASM module. */
export interface WasmEngine {
	/** Threads that take part, the caller included. */
	readonly threads: number;
	/** Address of a buffer in bytes. */
	pointer(buffer: DeviceBuffer): number;
	/**
	 * Writes `words` as the kernel's arguments and runs it over items [0, items). Spread over the threads when `work` is
	 * worth waking them: the estimated cost of the whole call in simple operations, each what adding two arrays costs an
	 * element (see `workOfFlops` for matrix products). Returns when all items are done.
	 */
	dispatch(kernel: KernelId, items: number, work: number, words: readonly number[]): void;
	/** Gives every thread at least this many bytes of private scratch (its `scratch()`), kept for later calls. */
	reserveScratch(bytes: number): void;
	/** Runs `use` with the address of a block of `bytes`, 64-byte aligned and counted as alive, then frees it. */
	withTemporary<T>(bytes: number, use: (pointer: number) => T): T;
	/** Views of the whole memory, fresh at every access (memory may have grown). */
	readonly i32: Int32Array;
	readonly f32: Float32Array;
	/** Adds to the work counters. */
	countFlops(flops: number): void;
	countTiles(tiles: number): void;
}

/** The work, as `dispatch` counts it, of these floating-point operations of matrix products. */
export function workOfFlops(flops: number): number {
	return flops / 16;
}

const converter = new DataView(new ArrayBuffer(8));

/** The two int32 words that hold `value` as float64; their place among the arguments must be even. */
export function doubleWords(value: number): [number, number] {
	converter.setFloat64(0, value, true);
	return [converter.getInt32(0, true), converter.getInt32(4, true)];
}

/** Address of a buffer that may be missing, 0 if it is. */
export function optionalPointer(engine: WasmEngine, buffer: DeviceBuffer | null | undefined): number {
	return buffer ? engine.pointer(buffer) : 0;
}
