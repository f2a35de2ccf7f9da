import type { DeviceBuffer } from "../backends/backend.js";
import type { Device } from "./device.js";

/** A device buffer shared by tensors that view it; freed when the last one lets go. */
export class Storage {
	#references = 1;

	constructor(
		readonly device: Device,
		readonly buffer: DeviceBuffer,
		/** Smallest and largest value, where known from the host data it was made of. */
		readonly range: { readonly min: number; readonly max: number } | null = null,
	) {}

	retain(): this {
		this.#references++;
		return this;
	}

	release(): void {
		if (--this.#references === 0) this.device.backend.destroyBuffer(this.buffer);
	}
}
