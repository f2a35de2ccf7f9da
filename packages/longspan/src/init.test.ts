import { describe, expect, it } from "vitest";
import {
	add,
	currentDevice,
	DeviceError,
	filled,
	init,
	memoryStats,
	OptionError,
	OutOfMemoryError,
	ones,
	setCurrentDevice,
	slidingWindow,
	sum,
	tensor,
	zeros,
} from "./index.js";

describe("init", () => {
	it("makes its device the current one", async () => {
		const reference = await init({ device: "reference" });
		expect(currentDevice()).toBe(reference);
		const wasm = await init({ threads: 1 });
		expect(tensor([1]).device).toBe(wasm);
		setCurrentDevice(reference);
		expect(tensor([1]).device).toBe(reference);
		expect(() => add(tensor([1]), ones([1], wasm))).toThrow(DeviceError);
		wasm.dispose();
		reference.dispose();
		expect(() => tensor([1])).toThrow(/call `await init\(\)`/);
	});

	it.each([
		[{ device: "gpu" as "wasm" }, /device is "gpu"; expected "wasm" or "reference"/],
		[{ threads: 0 }, /threads is 0/],
		[{ threads: 2.5 }, /threads is 2.5; expected an integer/],
		[{ turbo: "yes" as "auto" }, /turbo is yes; expected true, false or "auto"/],
	])("refuses %j", async (options, message) => {
		await expect(init(options)).rejects.toThrow(OptionError);
		await expect(init(options)).rejects.toThrow(message);
	});

	it.skipIf(Number(process.versions.node.split(".")[0]) >= 24)(
		"says what turbo needs where it cannot work",
		async () => {
			await expect(init({ turbo: true })).rejects.toThrow(DeviceError);
			await expect(init({ turbo: true })).rejects.toThrow(/Node 24/);
			(await init({ turbo: "auto" })).dispose();
		},
	);

	it("lets tensors be freed after their device is gone", async () => {
		const device = await init({ threads: 1 });
		const x = tensor([1, 2]);
		device.dispose();
		device.dispose();
		x.dispose();
		expect(() => sum(x)).toThrow();
	});
});

describe("out of memory", () => {
	it("names the bytes, leaks nothing, and leaves the device usable", async () => {
		const device = await init({ threads: 2 });
		const held = zeros([1000]);
		const before = memoryStats();
		const tooMuch = () => zeros([1200, 1024, 1024]);
		expect(tooMuch).toThrow(OutOfMemoryError);
		expect(tooMuch).toThrow(/5[,.]?033[,.]?164[,.]?800|4\.69 GiB/);
		const q = filled([1, 1, 1, 64], 1);
		expect(memoryStats().buffers).toBe(before.buffers + 1);
		expect(
			slidingWindow({ window: 0 })(q, q, q)
				.dataSync()
				.every((value) => value === 1),
		).toBe(true);
		held.dispose();
		device.dispose();
	});
});
