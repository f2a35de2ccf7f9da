/** How the matmul kernel works. Shared by the AssemblyScript module and its TypeScript host. */
export enum MatmulMethod {
	/** Register tiles over cache blocks, for everything that is not small. */
	tiles = 0,
	/** One row times a matrix whose rows are read as they lie. */
	row = 1,
	/** Few rows times a transposed matrix: dot products of rows. */
	dots = 2,
	/** Few rows times a packed matrix. */
	fewRows = 3,
}
