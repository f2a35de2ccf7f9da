import { blockAlignment, type HeapBlock } from "./heap-block.js";

/** Sizes up to 32 units have a class each; larger ones 16 classes for every power of two, up to 4 GiB. */
const exactClasses = 32;
const classesPerOctave = 16;
const classCount = exactClasses + (27 - 5) * classesPerOctave;
/** How many blocks of its own class a request looks at before it takes one of a larger class. */
const patience = 64;

function classOf(size: number): number {
	const units = size / blockAlignment;
	if (units < exactClasses) return units;
	const octave = 31 - Math.clz32(units);
	return exactClasses + (octave - 5) * classesPerOctave + ((units >>> (octave - 4)) & (classesPerOctave - 1));
}

/** Free blocks by size class: segregated lists with a bitmap of those that are not empty (Masmano et al. 2004, TLSF). */
export class FreeLists {
	private readonly heads: (HeapBlock | null)[] = new Array<HeapBlock | null>(classCount).fill(null);
	private readonly bitmap = new Int32Array(Math.ceil(classCount / 32));

	insert(block: HeapBlock): void {
		const index = classOf(block.size);
		const head = this.heads[index] ?? null;
		block.free = true;
		block.previousFree = null;
		block.nextFree = head;
		if (head) head.previousFree = block;
		this.heads[index] = block;
		this.mark(index, true);
	}

	remove(block: HeapBlock): void {
		const { previousFree, nextFree } = block;
		if (nextFree) nextFree.previousFree = previousFree;
		if (previousFree) previousFree.nextFree = nextFree;
		else {
			const index = classOf(block.size);
			this.heads[index] = nextFree;
			if (!nextFree) this.mark(index, false);
		}
		block.free = false;
		block.previousFree = null;
		block.nextFree = null;
	}

	/** A block of at least `size` bytes, still listed, or null. Looks through all of its own class if `thorough`. */
	find(size: number, thorough: boolean): HeapBlock | null {
		const index = classOf(size);
		return this.bestOf(index, size, thorough ? Number.POSITIVE_INFINITY : patience) ?? this.firstAbove(index);
	}

	/** The smallest block that fits among the first `limit` of a class. */
	private bestOf(index: number, size: number, limit: number): HeapBlock | null {
		let best: HeapBlock | null = null;
		let block = this.heads[index] ?? null;
		for (let looked = 0; block && looked < limit; looked++, block = block.nextFree) {
			if (block.size === size) return block;
			if (block.size > size && (!best || block.size < best.size)) best = block;
		}
		return best;
	}

	/** Every block of a higher class is large enough. */
	private firstAbove(index: number): HeapBlock | null {
		let word = (index + 1) >>> 5;
		let bits = (this.bitmap[word] ?? 0) & (-1 << ((index + 1) & 31));
		while (bits === 0) {
			word++;
			if (word >= this.bitmap.length) return null;
			bits = this.bitmap[word] ?? 0;
		}
		const lowest = 31 - Math.clz32(bits & -bits);
		return this.heads[word * 32 + lowest] ?? null;
	}

	private mark(index: number, filled: boolean): void {
		const word = index >>> 5;
		const bit = 1 << (index & 31);
		this.bitmap[word] = filled ? (this.bitmap[word] ?? 0) | bit : (this.bitmap[word] ?? 0) & ~bit;
	}
}
