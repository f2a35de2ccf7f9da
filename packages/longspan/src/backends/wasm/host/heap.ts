import { LongspanError, OutOfMemoryError } from "../../../errors.js";
import type { MemoryStats } from "../../backend.js";
import { FreeLists } from "./free-lists.js";
import { blockAlignment, HeapBlock } from "./heap-block.js";

/** The memory a heap manages: one range of addresses that can only grow. */
export interface HeapSpace {
	/** Bytes there are now. */
	readonly size: number;
	/** Most bytes there can be. */
	readonly maximum: number;
	/** Makes it at least `bytes` long; false if that cannot be. */
	growTo(bytes: number): boolean;
}

/** Growth at least this large, so that it is rare. */
const growthStep = 16 * 1024 * 1024;

function alignUp(bytes: number): number {
	return Math.max(blockAlignment, Math.ceil(bytes / blockAlignment) * blockAlignment);
}

/**
 * Allocator of 64-byte aligned blocks with constant-time allocation and release. Free neighbours are merged at once, so
 * that two free blocks never touch. The bookkeeping lives outside of the space it manages.
 */
export class Heap {
	private readonly lists = new FreeLists();
	private last: HeapBlock | null = null;
	private top: number;
	private live = 0;
	private peak = 0;
	private count = 0;

	constructor(
		private readonly space: HeapSpace,
		start: number,
		/** Called with every fresh block, for tests that fill it with NaN. */
		private readonly prepare?: (pointer: number, bytes: number) => void,
	) {
		this.top = alignUp(start);
	}

	/** A block for `bytes` bytes, counted as alive. Throws `OutOfMemoryError`. */
	allocate(bytes: number): HeapBlock {
		const block = this.take(bytes);
		block.counted = true;
		block.countedBytes = bytes;
		this.live += bytes;
		this.count++;
		if (this.live > this.peak) this.peak = this.live;
		return block;
	}

	/** A block that is not counted as alive: the engine's own. Throws `OutOfMemoryError`. */
	reserve(bytes: number): HeapBlock {
		return this.take(bytes);
	}

	release(block: HeapBlock): void {
		if (block.free) throw new LongspanError("internal error: a block of the heap was released twice");
		if (block.counted) {
			this.live -= block.countedBytes;
			this.count--;
			block.counted = false;
		}
		let free = block;
		if (block.before?.free) {
			this.lists.remove(block.before);
			free = this.join(block.before, block);
		}
		if (free.after?.free) {
			this.lists.remove(free.after);
			free = this.join(free, free.after);
		}
		this.lists.insert(free);
	}

	/** Lets the peak include `bytes` that are in use for the moment beside the live blocks. */
	notePeak(bytes: number): void {
		if (this.live + bytes > this.peak) this.peak = this.live + bytes;
	}

	stats(): MemoryStats {
		return { liveBytes: this.live, peakBytes: this.peak, buffers: this.count };
	}

	resetPeak(): void {
		this.peak = this.live;
	}

	private take(bytes: number): HeapBlock {
		const size = alignUp(bytes);
		// Beyond the maximum there are no size classes.
		const found =
			size <= this.space.maximum
				? (this.lists.find(size, false) ?? this.grow(size) ?? this.lists.find(size, true))
				: null;
		if (!found) throw this.outOfMemory(bytes);
		this.lists.remove(found);
		this.split(found, size);
		this.prepare?.(found.pointer, found.size);
		return found;
	}

	/** Cuts what is beyond `size` off a block and lists it as free. */
	private split(block: HeapBlock, size: number): void {
		if (block.size === size) return;
		const rest = new HeapBlock(block.pointer + size, block.size - size);
		block.size = size;
		rest.before = block;
		rest.after = block.after;
		if (rest.after) rest.after.before = rest;
		else this.last = rest;
		block.after = rest;
		this.lists.insert(rest);
	}

	/** Makes two neighbours that are not listed one block. Owners that still hold the second find it released. */
	private join(block: HeapBlock, after: HeapBlock): HeapBlock {
		after.free = true;
		block.size += after.size;
		block.after = after.after;
		if (block.after) block.after.before = block;
		else this.last = block;
		return block;
	}

	/** Extends the space so that its last block is free and has at least `size` bytes. That block is returned, or null. */
	private grow(size: number): HeapBlock | null {
		const tail = this.last?.free ? this.last : null;
		const needed = this.top + size - (tail?.size ?? 0);
		if (needed > this.space.maximum) return null;
		const generous = Math.min(this.space.maximum, Math.max(needed, this.top + growthStep));
		if (needed > this.space.size && !this.space.growTo(generous) && !this.space.growTo(needed)) return null;
		const fresh = new HeapBlock(this.top, Math.floor((this.space.size - this.top) / blockAlignment) * blockAlignment);
		this.top += fresh.size;
		fresh.before = this.last;
		if (this.last) this.last.after = fresh;
		this.last = fresh;
		if (tail) this.lists.remove(tail);
		const grown = tail ? this.join(tail, fresh) : fresh;
		this.lists.insert(grown);
		return grown;
	}

	private outOfMemory(bytes: number): OutOfMemoryError {
		return new OutOfMemoryError(
			`no room for ${bytes} bytes: ${this.live} bytes in ${this.count} buffers are alive and the heap holds at most ${this.space.maximum} bytes`,
		);
	}
}
