import { afterEach, describe, expect, it, vi } from "vitest";
import { DeviceError } from "../../../errors.js";
import { createWasmBackend } from "../index.js";

vi.mock("./worker-thread.js", () => ({
	startWorker: () => ({
		ready: Promise.reject(new Error("the script could not be loaded")),
		onEnd: null,
		terminate: () => {},
	}),
}));

afterEach(() => {
	vi.unstubAllGlobals();
});

describe("workers that cannot be started", () => {
	it("are an error if more than one thread was asked for", async () => {
		await expect(createWasmBackend({ threads: 3 })).rejects.toThrow(DeviceError);
		await expect(createWasmBackend({ threads: 3 })).rejects.toThrow(
			/cannot start 2 worker threads: the script could not be loaded/,
		);
	});

	it("are done without otherwise, and the description tells", async () => {
		vi.stubGlobal("crossOriginIsolated", true);
		const backend = await createWasmBackend();
		expect(backend.description).toMatch(
			/1 thread( \(workers could not be started: the script could not be loaded\))?$/,
		);
		const x = backend.createBuffer("float32", 100_000);
		backend.fill(x, 2);
		backend.unary("scale", x, x, 2);
		expect((await backend.read(x)).every((value) => value === 4)).toBe(true);
	});
});
