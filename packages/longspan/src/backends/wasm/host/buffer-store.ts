import { LongspanError } from "../../../errors.js";
import type { BufferStore, DeviceBuffer } from "../../backend.js";
import type { ModuleEngine } from "./module-engine.js";
import { blockOf, WasmBuffer } from "./wasm-buffer.js";

/** Buffers in the heap of an engine. */
export function bufferStore(engine: ModuleEngine): Required<BufferStore> {
	const { heap } = engine;

	/** The buffer's own elements, in place. */
	function view(buffer: DeviceBuffer): Float32Array | Int32Array {
		const start = blockOf(buffer).pointer / 4;
		const memory = buffer.dtype === "int32" ? engine.i32 : engine.f32;
		return memory.subarray(start, start + buffer.length);
	}

	// `slice` copies out of the shared memory: its views must not be handed to callers.
	const readSync = (buffer: DeviceBuffer) => view(buffer).slice();

	return {
		createBuffer(dtype, length) {
			engine.assertUsable();
			return new WasmBuffer(dtype, length, heap.allocate(length * 4));
		},
		destroyBuffer(buffer) {
			heap.release(blockOf(buffer));
			(buffer as WasmBuffer).block = null;
		},
		write(buffer, values) {
			if (values.length > buffer.length) {
				throw new LongspanError(`internal error: ${values.length} values written to a buffer of ${buffer.length}`);
			}
			view(buffer).set(values);
		},
		read: async (buffer) => readSync(buffer),
		readSync,
		memoryStats: () => heap.stats(),
		resetPeak: () => heap.resetPeak(),
		workStats: () => engine.workStats(),
		resetWork: () => engine.resetWork(),
	};
}
