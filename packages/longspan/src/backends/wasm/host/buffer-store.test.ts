import { beforeEach, describe, expect, it } from "vitest";
import { LongspanError, OutOfMemoryError } from "../../../errors.js";
import { bufferStore } from "./buffer-store.js";
import { startEngine } from "./start-engine.js";

async function create(poison: boolean) {
	const { engine } = await startEngine({ threads: 1, poison }, () => {});
	return bufferStore(engine);
}

let store: Awaited<ReturnType<typeof create>>;

beforeEach(async () => {
	store = await create(false);
});

describe("buffers of the WASM backend", () => {
	it("keep what is written to their start", async () => {
		const x = store.createBuffer("float32", 4);
		store.write(x, [1, 2.5, -3, Number.POSITIVE_INFINITY]);
		store.write(x, Float32Array.of(7));
		expect(await store.read(x)).toEqual(Float32Array.of(7, 2.5, -3, Number.POSITIVE_INFINITY));
		const ids = store.createBuffer("int32", 2);
		store.write(ids, [-1, 2 ** 31 - 1]);
		expect(store.readSync(ids)).toEqual(Int32Array.of(-1, 2 ** 31 - 1));
	});

	it("are read as copies that nothing changes any more", async () => {
		const x = store.createBuffer("float32", 2);
		store.write(x, [1, 2]);
		const copy = await store.read(x);
		expect(copy.buffer).toBeInstanceOf(ArrayBuffer);
		store.write(x, [3, 4]);
		expect(copy).toEqual(Float32Array.of(1, 2));
	});

	it("may be empty", () => {
		const x = store.createBuffer("float32", 0);
		expect(store.readSync(x)).toEqual(new Float32Array(0));
		store.destroyBuffer(x);
	});

	it("are counted exactly", () => {
		const x = store.createBuffer("float32", 100);
		const y = store.createBuffer("int32", 3);
		expect(store.memoryStats()).toEqual({ liveBytes: 412, peakBytes: 412, buffers: 2 });
		store.destroyBuffer(x);
		store.destroyBuffer(y);
		expect(store.memoryStats()).toEqual({ liveBytes: 0, peakBytes: 412, buffers: 0 });
	});

	it("keep their contents while the memory grows", () => {
		const x = store.createBuffer("float32", 3);
		store.write(x, [1, 2, 3]);
		const large = store.createBuffer("float32", 6_000_000);
		store.write(large, [9]);
		expect(store.readSync(x)).toEqual(Float32Array.of(1, 2, 3));
		expect(store.readSync(large)[0]).toBe(9);
	});

	it("beyond what fits are refused with the bytes asked for, and nothing is lost", () => {
		expect(() => store.createBuffer("float32", 2 ** 30)).toThrow(OutOfMemoryError);
		expect(() => store.createBuffer("float32", 2 ** 30)).toThrow(/4294967296 bytes/);
		expect(store.memoryStats()).toMatchObject({ liveBytes: 0, buffers: 0 });
		store.createBuffer("float32", 1000);
	});

	it("cannot be destroyed twice, used after that, or come from elsewhere", () => {
		const x = store.createBuffer("float32", 2);
		store.destroyBuffer(x);
		expect(() => store.destroyBuffer(x)).toThrow(LongspanError);
		expect(() => store.readSync(x)).toThrow(LongspanError);
		expect(() => store.destroyBuffer({ dtype: "float32", length: 2 })).toThrow(LongspanError);
		const y = store.createBuffer("float32", 2);
		expect(() => store.write(y, [1, 2, 3])).toThrow(LongspanError);
	});

	it("hold NaN until they are written if the store is told to poison them", async () => {
		const poisoned = await create(true);
		const x = poisoned.createBuffer("float32", 5);
		expect(poisoned.readSync(x)).toEqual(new Float32Array(5).fill(Number.NaN));
		poisoned.write(x, [1, 2, 3, 4, 5]);
		poisoned.destroyBuffer(x);
		expect(poisoned.readSync(poisoned.createBuffer("float32", 5))).toEqual(new Float32Array(5).fill(Number.NaN));
	});
});
