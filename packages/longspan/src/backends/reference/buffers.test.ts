import { describe, expect, it } from "vitest";
import { DisposedError, OutOfMemoryError } from "../../errors.js";
import { testBackendStore } from "../../testing/backend-conformance.js";
import { createReferenceBackend, float64Values } from "./index.js";

testBackendStore("reference", createReferenceBackend);

describe("reference buffers", () => {
	it("hold float64 and are read as float32", async () => {
		const backend = createReferenceBackend();
		const buffer = backend.createBuffer("float32", 1);
		backend.write(buffer, [1 / 3]);
		expect(float64Values(buffer)).toEqual(Float64Array.of(1 / 3));
		expect(await backend.read(buffer)).toEqual(Float32Array.of(1 / 3));
	});

	it("start as NaN, so that a missing write shows", async () => {
		const backend = createReferenceBackend();
		expect(await backend.read(backend.createBuffer("float32", 2))).toEqual(Float32Array.of(NaN, NaN));
	});

	it("end at the memory limit, which frees again", () => {
		const backend = createReferenceBackend({ memoryLimit: 1000 });
		const buffer = backend.createBuffer("float32", 200);
		expect(() => backend.createBuffer("int32", 51)).toThrow(OutOfMemoryError);
		expect(() => backend.createBuffer("int32", 51)).toThrow(
			"No room for a buffer of 204 bytes: 800 bytes are alive in 1 buffers.",
		);
		expect(backend.memoryStats()).toEqual({ liveBytes: 800, peakBytes: 800, buffers: 1 });
		backend.createBuffer("int32", 50);
		backend.destroyBuffer(buffer);
		backend.createBuffer("int32", 200);
	});

	it("throw OutOfMemoryError where JavaScript has no room either", () => {
		const backend = createReferenceBackend({ memoryLimit: Infinity });
		expect(() => backend.createBuffer("float32", 2 ** 60)).toThrow(OutOfMemoryError);
		expect(backend.memoryStats().liveBytes).toBe(0);
	});

	it("cannot be used once destroyed, and destroying twice counts once", () => {
		const backend = createReferenceBackend();
		const buffer = backend.createBuffer("float32", 10);
		backend.destroyBuffer(buffer);
		backend.destroyBuffer(buffer);
		expect(backend.memoryStats()).toMatchObject({ liveBytes: 0, buffers: 0 });
		expect(() => backend.fill(buffer, 0)).toThrow(DisposedError);
	});
});
