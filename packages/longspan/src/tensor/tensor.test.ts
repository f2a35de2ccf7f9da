import { beforeAll, describe, expect, it } from "vitest";
import {
	add,
	type Device,
	DisposedError,
	init,
	keep,
	memoryStats,
	mul,
	OptionError,
	reshape,
	scope,
	type Tensor,
	tensor,
	zeros,
} from "../index.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "reference" });
});

describe("lifetime", () => {
	it("scope frees what it does not return, also in nested results", () => {
		const before = memoryStats().buffers;
		const { kept, list } = scope(() => {
			const a = tensor([1]);
			const b = add(a, a);
			mul(b, b);
			return { kept: b, list: [scope(() => mul(a, 3))] };
		});
		expect(memoryStats().buffers - before).toBe(2);
		expect([...kept.dataSync(), ...(list[0] as Tensor).dataSync()]).toEqual([2, 3]);
		kept.dispose();
		list[0]?.dispose();
		expect(memoryStats().buffers).toBe(before);
	});

	it("scope frees everything when its function throws, and refuses asynchronous ones", () => {
		const before = memoryStats().buffers;
		expect(() =>
			scope(() => {
				zeros([4]);
				throw new Error("no");
			}),
		).toThrow("no");
		expect(() => scope(async () => zeros([4]))).toThrow(OptionError);
		expect(memoryStats().buffers).toBe(before);
	});

	it("keep takes a tensor out of its scope", () => {
		let kept: Tensor | undefined;
		scope(() => {
			kept = keep(tensor([7]));
		});
		expect(Array.from(kept?.dataSync() ?? [])).toEqual([7]);
		kept?.dispose();
	});

	it("using frees at the end of the block", () => {
		const before = memoryStats().buffers;
		{
			using x = tensor([1, 2]);
			expect(x.size).toBe(2);
		}
		expect(memoryStats().buffers).toBe(before);
	});

	it("views share memory until the last one is gone", () => {
		const before = memoryStats().liveBytes;
		const x = tensor([1, 2, 3, 4]);
		const view = reshape(x, [2, 2]);
		expect(memoryStats().liveBytes - before).toBe(16);
		x.dispose();
		expect(Array.from(view.dataSync())).toEqual([1, 2, 3, 4]);
		view.dispose();
		expect(memoryStats().liveBytes).toBe(before);
	});

	it("a disposed tensor names itself when it is used", async () => {
		const x = tensor([1, 2], [1, 2]);
		x.dispose();
		expect(x.disposed).toBe(true);
		expect(() => x.dataSync()).toThrow(DisposedError);
		await expect(x.data()).rejects.toThrow(/tensor \[1, 2\] was used after it was disposed/);
	});
});

describe("memoryStats", () => {
	it("follows live and peak bytes", () => {
		device.resetPeakMemory();
		const { liveBytes } = memoryStats();
		const x = zeros([1000]);
		x.dispose();
		expect(memoryStats()).toMatchObject({ liveBytes, peakBytes: liveBytes + 4000 });
		device.resetPeakMemory();
		expect(memoryStats().peakBytes).toBe(liveBytes);
	});
});
