/**
 * What a call of a running-state kernel does. A long sequence of few heads is cut into segments, so that threads can share a
 * head; the states between them are found first. Shared by the AssemblyScript module and its TypeScript host.
 */
export enum RunningStatePhase {
	/** Item = head: a short sequence, position by position. */
	steps = 0,
	/** Item = segment of a head: what it adds to the state passed on, as if it began with none. */
	segmentStates = 1,
	/** Item = head: turns those into the states at the segments' beginnings (and, backward, their ends). */
	scan = 2,
	/** Item = segment of a head: the outputs, or the gradients. */
	outputs = 3,
}
