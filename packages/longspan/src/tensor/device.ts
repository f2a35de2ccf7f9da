import type { Backend, MemoryStats, WorkStats } from "../backends/backend.js";
import { DeviceError } from "../errors.js";

/** A started backend. Tensors live on one device and operations run where their operands live. */
export class Device {
	#disposed = false;

	constructor(readonly backend: Backend) {}

	/** Which device, build and how many threads, in one line. */
	get description(): string {
		return this.backend.description;
	}

	/** Bytes and buffers alive on this device, and the peak. */
	memoryStats(): MemoryStats {
		return this.backend.memoryStats();
	}

	/** Starts a new peak at what is alive now. */
	resetPeakMemory(): void {
		this.backend.resetPeak();
	}

	/** Floating-point operations, tiles and kernel calls since the last reset. */
	workStats(): WorkStats {
		return this.backend.workStats();
	}

	resetWorkStats(): void {
		this.backend.resetWork();
	}

	/** Frees the memory and threads of the device. Its tensors cannot be used afterwards. */
	dispose(): void {
		if (this.#disposed) return;
		this.#disposed = true;
		if (defaultDevice === this) defaultDevice = null;
		this.backend.dispose();
	}
}

let defaultDevice: Device | null = null;

/** The device new tensors are made on. Throws before `init`. */
export function currentDevice(): Device {
	if (!defaultDevice) throw new DeviceError("no device: call `await init()` before making tensors");
	return defaultDevice;
}

/** Whether there is a device that new tensors are made on. */
export function hasCurrentDevice(): boolean {
	return defaultDevice !== null;
}

/** Makes `device` the one new tensors are made on. */
export function setCurrentDevice(device: Device): void {
	defaultDevice = device;
}

/** Bytes and buffers alive on the current device, and the peak. */
export function memoryStats(): MemoryStats {
	return currentDevice().memoryStats();
}
