import { afterEach, describe, expect, it, vi } from "vitest";
import { DeviceError, DisposedError, OptionError } from "../../../errors.js";
import { createWasmBackend } from "../index.js";
import type { ModuleEngine } from "./module-engine.js";
import { startEngine } from "./start-engine.js";

const nodeVersion = Number.parseInt(process.versions.node, 10);

afterEach(() => {
	vi.unstubAllGlobals();
});

describe("startEngine", () => {
	it("skips a build that fails its self-check", async () => {
		const checked: ModuleEngine[] = [];
		const { engine, build } = await startEngine({ threads: 1 }, (candidate) => {
			checked.push(candidate);
			if (checked.length === 1) throw new DeviceError("2 + 2 is not 5");
		});
		expect(build).toBe("baseline");
		expect(checked).toHaveLength(2);
		expect(engine).toBe(checked[1]);
	});

	it("says what is wrong with every build when none works", async () => {
		const fail = () => {
			throw new DeviceError("2 + 2 is not 5");
		};
		await expect(startEngine({ threads: 1 }, fail)).rejects.toThrow(DeviceError);
		await expect(startEngine({ threads: 1 }, fail)).rejects.toThrow(
			/relaxed: 2 \+ 2 is not 5; baseline: 2 \+ 2 is not 5/,
		);
	});

	it.each([0, -1, 1.5, 33, Number.NaN])("refuses threads: %d", async (threads) => {
		await expect(startEngine({ threads }, () => {})).rejects.toThrow(OptionError);
	});

	it("has one thread on a page that is not cross-origin isolated, and says why if more are asked for", async () => {
		vi.stubGlobal("crossOriginIsolated", false);
		const { engine } = await startEngine({}, () => {});
		expect(engine.threads).toBe(1);
		await expect(startEngine({ threads: 2 }, () => {})).rejects.toThrow(DeviceError);
		await expect(startEngine({ threads: 2 }, () => {})).rejects.toThrow(/cross-origin isolated/);
	});

	it("says what is missing when WebAssembly is not enough", async () => {
		vi.stubGlobal("WebAssembly", { ...WebAssembly, validate: () => false });
		await expect(startEngine({}, () => {})).rejects.toThrow(/needs WebAssembly with fixed-width SIMD and threads/);
	});

	it.skipIf(nodeVersion >= 24)("refuses turbo where V8 has not got it", async () => {
		await expect(startEngine({ turbo: true }, () => {})).rejects.toThrow(
			/turbo: true cannot work here: it needs Node 24 or later/,
		);
		const { build } = await startEngine({ turbo: "auto", threads: 1 }, () => {});
		expect(build).toBe("relaxed");
	});
});

describe("createWasmBackend", () => {
	it("checks itself and leaves no trace of it", async () => {
		const backend = await createWasmBackend({ threads: 2 });
		expect(backend.description).toMatch(/^WebAssembly, (relaxed|baseline) build, 2 threads$/);
		expect(backend.memoryStats()).toEqual({ liveBytes: 0, peakBytes: 0, buffers: 0 });
		expect(backend.workStats()).toEqual({ flops: 0, tiles: 0, kernels: 0 });
		backend.dispose();
	});

	it.skipIf(nodeVersion < 24 || process.arch !== "x64")("has a turbo build that passes its check", async () => {
		const backend = await createWasmBackend({ threads: 2, turbo: true });
		expect(backend.description).toMatch(/turbo build/);
		backend.dispose();
	});

	it("cannot be used after it was disposed", async () => {
		const backend = await createWasmBackend({ threads: 2 });
		const x = backend.createBuffer("float32", 8);
		backend.dispose();
		expect(() => backend.createBuffer("float32", 1)).toThrow(DisposedError);
		expect(() => backend.fill(x, 1)).toThrow(DisposedError);
	});
});
