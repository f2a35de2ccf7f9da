/** Shared by the AssemblyScript module and its TypeScript host. */
export enum BinaryCode {
	add = 0,
	subtract = 1,
	multiply = 2,
	divide = 3,
}
