import { LongspanError } from "../../../errors.js";
import type { DeviceBuffer, DType } from "../../backend.js";
import type { HeapBlock } from "./heap-block.js";

/** A buffer in the heap of the WASM backend. */
export class WasmBuffer implements DeviceBuffer {
	/** Null once the buffer is destroyed. */
	block: HeapBlock | null;

	constructor(
		readonly dtype: DType,
		readonly length: number,
		block: HeapBlock,
	) {
		this.block = block;
	}
}

/** The block behind a buffer. Throws if it is destroyed or belongs to a backend of another kind. */
export function blockOf(buffer: DeviceBuffer): HeapBlock {
	if (!(buffer instanceof WasmBuffer))
		throw new LongspanError("internal error: a buffer of another backend was given to the WASM backend");
	if (buffer.block === null)
		throw new LongspanError("internal error: a destroyed buffer was given to the WASM backend");
	return buffer.block;
}
