/** How a sequence is cut into blocks, and which blocks each query block sees besides its random ones. */
export class BlockLayout {
	readonly blocks: number;
	/** Blocks before this one are global, and those from `firstLast` on. */
	readonly endFirst: number;
	readonly firstLast: number;

	constructor(
		readonly length: number,
		readonly blockSize: number,
		readonly windowBlocks: number,
		readonly globalBlocks: number,
	) {
		this.blocks = Math.ceil(length / blockSize);
		this.endFirst = Math.ceil(globalBlocks / 2);
		this.firstLast = this.blocks - Math.floor(globalBlocks / 2);
	}

	isGlobal(block: number): boolean {
		return block < this.endFirst || block >= this.firstLast;
	}

	/** The blocks that are not global, ascending: the rows of a table of random blocks. */
	middleBlocks(): number[] {
		return Array.from({ length: this.firstLast - this.endFirst }, (_, at) => this.endFirst + at);
	}

	/** Global blocks and the window around `block`, ascending, each once. */
	fixedBlocks(block: number): number[] {
		const reach = (this.windowBlocks - 1) / 2;
		const list: number[] = [];
		for (let at = 0; at < this.endFirst; at++) list.push(at);
		for (let at = Math.max(this.endFirst, block - reach); at <= Math.min(this.firstLast - 1, block + reach); at++)
			list.push(at);
		for (let at = this.firstLast; at < this.blocks; at++) list.push(at);
		return list;
	}
}
