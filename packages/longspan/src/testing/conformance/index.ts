import { afterAll, beforeAll, describe } from "vitest";
import { createWasmBackend } from "../../backends/wasm/index.js";
import { Device, init, setCurrentDevice } from "../../index.js";
import type { MechanismCase } from "../mechanism-case.js";
import { testDecoding } from "./decoding.js";
import { testValues } from "./values.js";

/** A device whose fresh buffers are full of NaN, so that nothing unwritten goes unnoticed. */
async function startPoisoned(threads: number): Promise<Device> {
	const device = new Device(await createWasmBackend({ threads, poison: true }));
	setCurrentDevice(device);
	return device;
}

const devices: Record<string, { start: () => Promise<Device>; tolerance: number }> = {
	reference: { start: () => init({ device: "reference" }), tolerance: 1e-10 },
	"wasm, 1 thread": { start: () => startPoisoned(1), tolerance: 3e-5 },
	"wasm, 2 threads": { start: () => startPoisoned(2), tolerance: 3e-5 },
	"wasm, 4 threads": { start: () => startPoisoned(4), tolerance: 3e-5 },
};

/**
 * Tests every case on every device against its dense definition in float64: output and every gradient, padding, queries that see
 * no key, and, if it is causal, decoding and causality.
 */
export function describeConformance(cases: readonly MechanismCase[]): void {
	describe.each(Object.entries(devices))("%s", (_, { start, tolerance }) => {
		let device: Device;
		beforeAll(async () => {
			device = await start();
		});
		afterAll(() => device.dispose());

		describe.each(cases.map((test) => [test.name, test] as const))("%s", (_name, test) => {
			testValues(test, () => device, tolerance);
			if (test.attend.causal) testDecoding(test, () => device);
		});
	});
}
