import { DeviceError } from "../../../errors.js";
import type { HeapSpace } from "./heap.js";

const pageBytes = 65536;
const initialPages = 256;
/** Tried in turn: address space for less than 4 GiB may be all there is. The very last page stays unused so that the end of every buffer fits 32 bits. */
const maximumPages = [65535, 32768, 16384, 8192, 4096, 1024];

/** The shared memory of one engine, with views that are always as long as the memory. */
export class LinearMemory implements HeapSpace {
	readonly memory: WebAssembly.Memory;
	readonly maximum: number;
	i32: Int32Array;
	f32: Float32Array;

	constructor() {
		const { memory, pages } = reserve();
		this.memory = memory;
		this.maximum = pages * pageBytes;
		this.i32 = new Int32Array(memory.buffer);
		this.f32 = new Float32Array(memory.buffer);
	}

	get size(): number {
		return this.i32.byteLength;
	}

	growTo(bytes: number): boolean {
		const pages = Math.ceil((bytes - this.size) / pageBytes);
		if (pages > 0) {
			try {
				this.memory.grow(pages);
			} catch {
				return false;
			}
			this.i32 = new Int32Array(this.memory.buffer);
			this.f32 = new Float32Array(this.memory.buffer);
		}
		return true;
	}
}

function reserve(): { memory: WebAssembly.Memory; pages: number } {
	let cause: unknown;
	for (const pages of maximumPages) {
		try {
			return { memory: new WebAssembly.Memory({ initial: initialPages, maximum: pages, shared: true }), pages };
		} catch (error) {
			cause = error;
		}
	}
	throw new DeviceError("the WASM backend cannot reserve a shared WebAssembly memory", { cause });
}
