/** Blocks of the matmul kernel. Shared by the AssemblyScript module and its TypeScript host. */
export enum MatmulSize {
	/** Longest depth summed in registers before it is added to the output. */
	depth = 384,
	/** Rows of a, times `depth`, that stay in the L2 cache while all columns of an item pass. A multiple of every tile. */
	rows = 120,
	/** Most columns of an item; times `depth`, they stay in the L2 cache too. */
	columns = 256,
	/** Columns of a packed panel in the widest build. */
	panel = 16,
	/** Floats after each row of a copied block of a, so that rows do not fall on the same cache sets. */
	padding = 16,
	/** Most rows of a that read a packed matrix element by element, without expanding blocks of it first. */
	fewRows = 4,
	/** Columns that they read at a time. Packed matrices are padded to whole groups. */
	group = 32,
}
