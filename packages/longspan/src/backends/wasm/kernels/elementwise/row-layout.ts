/** Words of the layout of a strided kernel and of each of its operands. Shared by the AssemblyScript module and its TypeScript host. */
export enum RowLayoutWords {
	/** Axes outside of the rows. */
	outerAxes = 6,
	layout = 10,
	operand = 9,
	/** Elements of a segment. */
	segment = 4096,
}
