/** Sizes of the chunked running state, shared by the AssemblyScript module and its TypeScript host. */
export enum RunningStateSize {
	/** Most positions of a chunk: inside it attention is computed pair by pair, across chunks through the state. */
	chunk = 48,
	/** Rows computed together inside a chunk; a row's columns beyond its block lie in the future and are skipped. */
	block = 12,
	/** Chunks summed before they are folded into a long sum; near the square root of the chunks of the longest sequences. */
	fold = 64,
	/** Sequences up to this length take the recurrence step by step. */
	steps = 8,
	/** Bytes of a LongSum header. */
	longSumHeader = 32,
}
