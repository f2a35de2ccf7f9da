/** Shared by the AssemblyScript module and its TypeScript host. */
export enum RandomCode {
	uniform = 0,
	normal = 1,
}
