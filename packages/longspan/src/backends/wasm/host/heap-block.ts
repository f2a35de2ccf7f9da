/** Every block starts at a multiple of this many bytes and is a multiple of it long. */
export const blockAlignment = 64;

/** A stretch of the heap, free or in use. Blocks form a list in address order; free ones are in a list of their size class too. */
export class HeapBlock {
	free = false;
	/** Bytes the owner asked for, 0 when it is not counted as alive. */
	countedBytes = 0;
	counted = false;
	/** Neighbours in address order. */
	before: HeapBlock | null = null;
	after: HeapBlock | null = null;
	/** Neighbours in the list of the size class. */
	previousFree: HeapBlock | null = null;
	nextFree: HeapBlock | null = null;

	constructor(
		readonly pointer: number,
		/** In bytes, a multiple of the alignment. */
		public size: number,
	) {}
}
