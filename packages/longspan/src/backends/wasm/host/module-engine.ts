import { DisposedError } from "../../../errors.js";
import type { DeviceBuffer, WorkStats } from "../../backend.js";
import type { WasmEngine } from "../engine.js";
import type { KernelId } from "../kernels/kernel-id.js";
import { ControlWord } from "../kernels/runtime/control-word.js";
import { Dispatcher, StalledError } from "./dispatcher.js";
import { Heap } from "./heap.js";
import { blockAlignment, type HeapBlock } from "./heap-block.js";
import type { KernelExports } from "./instance.js";
import type { LinearMemory } from "./linear-memory.js";
import { Pool } from "./pool.js";
import { blockOf } from "./wasm-buffer.js";

const defaultStallLimit = 30_000;
/** A NaN, seen as an int32. */
const poisonWord = 0x7fc00000;

export interface EngineOptions {
	/** Fill fresh memory with NaN, so that reading what nobody wrote is noticed. Default false. */
	readonly poison?: boolean;
	/** Milliseconds without progress after which a worker counts as dead. Default 30 s. */
	readonly stallLimit?: number;
}

/** An instantiated module, its heap and its threads. */
export class ModuleEngine implements WasmEngine {
	readonly heap: Heap;
	readonly pool = new Pool();
	dispatcher: Dispatcher;
	private readonly stallLimit: number;
	/** Threads that were started; each has a place in the scratch block. */
	private places = 1;
	private scratch: HeapBlock | null = null;
	private scratchBytes = 0;
	private disposed = false;
	private flops = 0;
	private tiles = 0;
	private kernels = 0;

	constructor(
		private readonly memory: LinearMemory,
		private readonly exports: KernelExports,
		options: EngineOptions = {},
	) {
		const poison = (pointer: number, bytes: number) => this.i32.fill(poisonWord, pointer / 4, (pointer + bytes) / 4);
		this.heap = new Heap(memory, exports.heapBase() >>> 0, options.poison ? poison : undefined);
		this.stallLimit = options.stallLimit ?? defaultStallLimit;
		this.dispatcher = this.createDispatcher();
	}

	get threads(): number {
		return this.pool.threads;
	}

	get i32(): Int32Array {
		return this.memory.i32;
	}

	get f32(): Float32Array {
		return this.memory.f32;
	}

	/** Starts workers beside the caller. Rejects if they cannot be started; the engine then goes on without them. */
	async startWorkers(count: number, module: WebAssembly.Module): Promise<void> {
		await this.pool.start(count, { module, memory: this.memory.memory, control: this.dispatcher.control });
		this.places = count + 1;
		// What was reserved for fewer threads is too small for all.
		this.scratchBytes = 0;
	}

	pointer(buffer: DeviceBuffer): number {
		return blockOf(buffer).pointer;
	}

	dispatch(kernel: KernelId, items: number, work: number, words: readonly number[]): void {
		this.assertUsable();
		this.kernels++;
		if (items <= 0) return;
		try {
			this.dispatcher.run(kernel, items, work, words);
		} catch (error) {
			if (error instanceof StalledError) this.loseWorkers();
			throw error;
		}
	}

	reserveScratch(bytes: number): void {
		if (bytes > this.scratchBytes) {
			if (this.scratch) this.heap.release(this.scratch);
			this.scratch = null;
			this.scratchBytes = 0;
			const rounded = Math.ceil(bytes / blockAlignment) * blockAlignment;
			this.scratch = this.heap.reserve(rounded * this.places);
			this.scratchBytes = rounded;
			this.dispatcher.setScratch(this.scratch.pointer, rounded);
		}
		this.heap.notePeak(bytes * this.places);
	}

	withTemporary<T>(bytes: number, use: (pointer: number) => T): T {
		const block = this.heap.allocate(bytes);
		try {
			return use(block.pointer);
		} finally {
			this.heap.release(block);
		}
	}

	countFlops(flops: number): void {
		this.flops += flops;
	}

	countTiles(tiles: number): void {
		this.tiles += tiles;
	}

	workStats(): WorkStats {
		return { flops: this.flops, tiles: this.tiles, kernels: this.kernels };
	}

	resetWork(): void {
		this.flops = 0;
		this.tiles = 0;
		this.kernels = 0;
	}

	/** Throws unless the engine can still be used. */
	assertUsable(): void {
		if (this.disposed) throw new DisposedError("the WASM backend was used after it was disposed");
	}

	dispose(): void {
		this.disposed = true;
		this.pool.stop();
	}

	private createDispatcher(): Dispatcher {
		const { pointer } = this.heap.reserve(ControlWord.length * 4);
		const control = new Int32Array(this.memory.memory.buffer, pointer, ControlWord.length);
		control.fill(0);
		return new Dispatcher(this.exports, this.pool, control, this.stallLimit);
	}

	/** Goes on without workers. What they might still write to is left alone: it is never given back to the heap. */
	private loseWorkers(): void {
		this.pool.stop();
		this.places = 1;
		this.scratch = null;
		this.scratchBytes = 0;
		this.dispatcher = this.createDispatcher();
	}
}
