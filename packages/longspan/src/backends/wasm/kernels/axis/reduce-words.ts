/** Sizes of the reduction kernels. Shared by the AssemblyScript module and its TypeScript host. */
export enum ReduceWords {
	sum = 0,
	max = 1,
	/** Columns of one item where the axis is not the last. */
	columns = 512,
	/** Elements of an axis that are never split. */
	part = 4096,
	/** Parts of an axis at most. */
	parts = 64,
}
