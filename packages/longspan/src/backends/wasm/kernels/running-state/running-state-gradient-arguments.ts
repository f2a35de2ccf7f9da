import { RunningStatePhase } from "./running-state-phase";

/** Pointers of tensors that are not given are 0. */
@unmanaged
export class RunningStateGradientArguments {
	phase!: RunningStatePhase;
	length!: i32;
	headDim!: i32;
	valueDim!: i32;
	segments!: i32;
	/** A multiple of the chunk. */
	segmentLength!: i32;
	/** Chunks whose states are kept at a time. */
	spanChunks!: i32;
	q!: usize;
	k!: usize;
	v!: usize;
	logDecay!: usize;
	initialSum!: usize;
	initialNormalizer!: usize;
	out!: usize;
	denominator!: usize;
	dOut!: usize;
	dFinalSum!: usize;
	dFinalNormalizer!: usize;
	dq!: usize;
	dk!: usize;
	dv!: usize;
	dLogDecay!: usize;
	dInitialSum!: usize;
	dInitialNormalizer!: usize;
	/** For every head and every boundary between two segments: see `boundaryState` and `boundaryCarry`. */
	boundaries!: usize;
	// Offsets in the thread's scratch.
	decayTables!: usize;
	/** Keys and values transposed, [headDim, chunk] and [valueDim, chunk]. */
	keyBlock!: usize;
	valueBlock!: usize;
	scoreBlock!: usize;
	decayRow!: usize;
	/** `outputGradients`. */
	gradientBlock!: usize;
	/** Decayed rows of keys or of `outputGradients`. */
	weightedBlock!: usize;
	/** LongSum of the state, transposed: header and memory. */
	stateHeader!: usize;
	stateMemory!: usize;
	/** State before each chunk of the span, and after it. */
	chunkStates!: usize;
	/** State before each span of the segment. */
	spanStates!: usize;
	/** LongSum of the carry: header and memory; its value, and that transposed. */
	carryHeader!: usize;
	carryMemory!: usize;
	carry!: usize;
	carryTransposed!: usize;
}

/** Whether there is a normaliser. */
// @ts-ignore: decorator
@inline
export function normalized(args: RunningStateGradientArguments): bool {
	return args.denominator != 0;
}

/** Floats of a state. */
// @ts-ignore: decorator
@inline
export function gradientStateLength(args: RunningStateGradientArguments): i32 {
	return args.headDim * (args.valueDim + (normalized(args) ? 1 : 0));
}

/** The state, transposed, between `segment` and the next one, followed by the decay of `segment`. */
export function boundaryState(args: RunningStateGradientArguments, head: i32, segment: i32): usize {
	const index = <usize>head * <usize>(args.segments - 1) + <usize>segment;
	return args.boundaries + ((index * 2 * <usize>(gradientStateLength(args) + 1)) << 2);
}

/** The carry between `segment` and the next one, followed by the decay of the next one. */
export function boundaryCarry(args: RunningStateGradientArguments, head: i32, segment: i32): usize {
	return boundaryState(args, head, segment) + (<usize>(gradientStateLength(args) + 1) << 2);
}
