import type { Backend } from "./backends/backend.js";
import { OptionError } from "./errors.js";
import { checkNumber } from "./ops/operands.js";
import { Device, setCurrentDevice } from "./tensor/device.js";

export interface InitOptions {
	/** "wasm" (default): SIMD kernels on threads. "reference": plain TypeScript in float64, slow; the definition of every operation. */
	device?: "wasm" | "reference";
	/** Threads that compute, the caller included. Default: as many as the machine has, at most 16; 1 where memory cannot be shared. */
	threads?: number;
	/**
	 * Use V8's experimental 256-bit code (Node 24 or later). true: fail if it cannot be used; "auto": use it if it works;
	 * default false.
	 */
	turbo?: boolean | "auto";
}

/**
 * Starts a device and makes it the one new tensors are made on. Call it once before anything else; call it again for another
 * device. `device.dispose()` frees its memory and threads.
 *
 * @throws OptionError for an unknown device or thread count, DeviceError if the machine cannot do what is asked
 */
export async function init({ device = "wasm", threads, turbo = false }: InitOptions = {}): Promise<Device> {
	if (device !== "wasm" && device !== "reference")
		throw new OptionError(`init: device is "${device}"; expected "wasm" or "reference"`);
	if (threads !== undefined) checkNumber("init", "threads", threads, { min: 1, max: 32, integer: true });
	if (![true, false, "auto"].includes(turbo))
		throw new OptionError(`init: turbo is ${String(turbo)}; expected true, false or "auto"`);
	const started = new Device(await startBackend(device, threads, turbo));
	setCurrentDevice(started);
	return started;
}

// Imported when asked for, so that a bundle need not load the other device.
async function startBackend(
	device: "wasm" | "reference",
	threads: number | undefined,
	turbo: boolean | "auto",
): Promise<Backend> {
	if (device === "reference") return (await import("./backends/reference/index.js")).createReferenceBackend();
	const { createWasmBackend } = await import("./backends/wasm/index.js");
	return createWasmBackend({ ...(threads !== undefined && { threads }), turbo });
}
