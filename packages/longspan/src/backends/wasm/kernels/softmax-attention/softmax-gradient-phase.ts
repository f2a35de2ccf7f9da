/** What a call of the softmax attention gradient does. Shared by the AssemblyScript module and its TypeScript host. */
export enum SoftmaxGradientPhase {
	/** Item = 64 rows of a head: finds delta of its queries and clears its rows of all outputs. */
	prepare = 0,
	/** Item = share of the row tiles of a head: adds to the outputs. */
	tiles = 1,
	/** Item = 64 rows of a head: adds the partial outputs of the other shares to those of the first. */
	addPartials = 2,
}
