import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LongspanError, OutOfMemoryError } from "../../../errors.js";
import { Heap, type HeapSpace } from "./heap.js";
import type { HeapBlock } from "./heap-block.js";

const megabyte = 1024 * 1024;
const page = 65536;

/** Only the bookkeeping of a space: no memory is behind it. */
class PretendedSpace implements HeapSpace {
	size = page;

	constructor(readonly maximum: number) {}

	growTo(bytes: number): boolean {
		if (bytes > this.maximum) return false;
		this.size = Math.max(this.size, Math.ceil(bytes / page) * page);
		return true;
	}
}

const start = 1000;
/** Sizes from nothing to a few megabytes, small ones as often as large ones. */
const byteCount = fc
	.tuple(fc.integer({ min: 0, max: 22 }), fc.double({ min: 0, max: 1, noNaN: true }))
	.map(([bits, share]) => Math.floor(share * 2 ** bits));
/** Either a size to allocate or which of the live blocks to release, as a share. */
const action = fc.oneof(
	fc.record({ bytes: byteCount }),
	fc.record({ release: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }) }),
);

interface Owned {
	readonly block: HeapBlock;
	readonly bytes: number;
}

function perform(
	heap: Heap,
	actions: ({ bytes: number } | { release: number })[],
	check: (owned: Owned[]) => void,
): Owned[] {
	const owned: Owned[] = [];
	for (const step of actions) {
		if ("bytes" in step) {
			owned.push({ block: heap.allocate(step.bytes), bytes: step.bytes });
		} else if (owned.length > 0) {
			const [gone] = owned.splice(Math.floor(step.release * owned.length), 1);
			if (gone) heap.release(gone.block);
		}
		check(owned);
	}
	return owned;
}

function expectDisjoint(owned: Owned[], space: HeapSpace): void {
	const inOrder = owned.map(({ block }) => block).sort((a, b) => a.pointer - b.pointer);
	let end = start;
	for (const block of inOrder) {
		expect(block.pointer).toBeGreaterThanOrEqual(end);
		end = block.pointer + block.size;
	}
	expect(end).toBeLessThanOrEqual(space.size);
}

describe("Heap", () => {
	it("gives aligned blocks that are large enough and never overlap, and counts them exactly", () => {
		fc.assert(
			fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
				const space = new PretendedSpace(1024 * megabyte);
				const heap = new Heap(space, start);
				let peak = 0;
				perform(heap, actions, (owned) => {
					expectDisjoint(owned, space);
					for (const { block, bytes } of owned) {
						expect(block.pointer % 64).toBe(0);
						expect(block.size).toBeGreaterThanOrEqual(bytes);
					}
					const live = owned.reduce((sum, { bytes }) => sum + bytes, 0);
					peak = Math.max(peak, live);
					expect(heap.stats()).toEqual({ liveBytes: live, peakBytes: peak, buffers: owned.length });
				});
			}),
		);
	});

	it("merges what is released: afterwards the whole space is one block again", () => {
		fc.assert(
			fc.property(fc.array(action, { maxLength: 200 }), fc.infiniteStream(fc.nat()), (actions, order) => {
				const space = new PretendedSpace(1024 * megabyte);
				const heap = new Heap(space, start);
				const owned = perform(heap, actions, () => {});
				while (owned.length > 0) {
					const [gone] = owned.splice((order.next().value ?? 0) % owned.length, 1);
					if (gone) heap.release(gone.block);
				}
				expect(heap.stats()).toMatchObject({ liveBytes: 0, buffers: 0 });
				const all = heap.allocate(space.maximum - 1024);
				expect(all.pointer).toBe(1024);
			}),
		);
	});

	it("never keeps two free neighbours apart, so a hole fits exactly what was released there", () => {
		fc.assert(
			fc.property(fc.array(byteCount, { minLength: 3, maxLength: 60 }), fc.nat(), fc.nat(), (sizes, from, count) => {
				const heap = new Heap(new PretendedSpace(1024 * megabyte), start);
				const blocks = sizes.map((bytes) => heap.allocate(bytes));
				const first = from % (blocks.length - 1);
				const hole = blocks.slice(first, Math.min(first + 1 + (count % 8), blocks.length - 1));
				const total = hole.reduce((sum, block) => sum + block.size, 0);
				for (const block of hole) heap.release(block);
				expect(heap.allocate(total).pointer).toBe(hole[0]?.pointer);
			}),
		);
	});

	it("reuses memory: a loop that frees what it allocates does not grow the space", () => {
		const space = new PretendedSpace(1024 * megabyte);
		const heap = new Heap(space, start);
		const sizes = [5_000_000, 300, 1_200_000, 64, 7_777_777, 12];
		const round = () => {
			for (const block of sizes.map((bytes) => heap.allocate(bytes))) heap.release(block);
		};
		round();
		const { size } = space;
		for (let i = 0; i < 1000; i++) round();
		expect(space.size).toBe(size);
	});

	it("names the bytes asked for and the bytes alive when there is no room, and stays usable", () => {
		const heap = new Heap(new PretendedSpace(64 * megabyte), start);
		const block = heap.allocate(40 * megabyte);
		expect(() => heap.allocate(30 * megabyte)).toThrow(OutOfMemoryError);
		expect(() => heap.allocate(30 * megabyte)).toThrow(/31457280 bytes.*41943040 bytes in 1 buffers/);
		expect(() => heap.allocate(2 ** 40)).toThrow(OutOfMemoryError);
		expect(heap.stats()).toMatchObject({ liveBytes: 40 * megabyte, buffers: 1 });
		heap.release(block);
		expect(heap.allocate(60 * megabyte).pointer).toBe(1024);
	});

	it("uses addresses above 2 GiB up to the maximum", () => {
		const space = new PretendedSpace(65535 * page);
		const heap = new Heap(space, start);
		const blocks = Array.from({ length: 4095 }, () => heap.allocate(megabyte));
		expect(new Set(blocks.map(({ pointer }) => pointer)).size).toBe(4095);
		expect(blocks.at(-1)?.pointer).toBeGreaterThan(2 ** 31);
		expect(() => heap.allocate(megabyte)).toThrow(OutOfMemoryError);
	});

	it("refuses to release a block twice, also after it was merged", () => {
		const heap = new Heap(new PretendedSpace(64 * megabyte), start);
		const [a, b] = [heap.allocate(100), heap.allocate(100)];
		heap.release(b);
		expect(() => heap.release(b)).toThrow(LongspanError);
		heap.release(a);
		expect(() => heap.release(b)).toThrow(LongspanError);
		expect(heap.stats().liveBytes).toBe(0);
	});

	it("does not count its owner's reserve as alive, but lets it show in the peak", () => {
		const heap = new Heap(new PretendedSpace(64 * megabyte), start);
		heap.reserve(1000);
		const block = heap.allocate(500);
		expect(heap.stats()).toEqual({ liveBytes: 500, peakBytes: 500, buffers: 1 });
		heap.notePeak(1000);
		expect(heap.stats().peakBytes).toBe(1500);
		heap.release(block);
		heap.resetPeak();
		expect(heap.stats()).toEqual({ liveBytes: 0, peakBytes: 0, buffers: 0 });
	});

	it("shows every fresh block to its preparer", () => {
		const prepared: [number, number][] = [];
		const heap = new Heap(new PretendedSpace(64 * megabyte), start, (pointer, bytes) =>
			prepared.push([pointer, bytes]),
		);
		const block = heap.allocate(100);
		heap.release(block);
		heap.allocate(65);
		expect(prepared).toEqual([
			[1024, 128],
			[1024, 128],
		]);
	});
});
