/** How the copy kernel walks. Shared by the AssemblyScript module and its TypeScript host. */
export enum CopyMode {
	/** Rows are contiguous in source and target. */
	rows = 0,
	/** Target rows are contiguous, each filled with one source element. */
	fill = 1,
	/** The target is contiguous along the inner axis, the source along the rows: items are square tiles. */
	transpose = 2,
	strided = 3,
	/** Rows and columns of a tile. */
	tile = 64,
	/**
	 * The parts of a tile that are transposed at once: few rows, since those of the target may share cache sets (a stride that is a
	 * power of two), and whole cache lines of each.
	 */
	partRows = 8,
	partColumns = 32,
}
