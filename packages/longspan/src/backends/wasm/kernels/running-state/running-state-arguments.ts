import { RunningStatePhase } from "./running-state-phase";

/** Pointers of tensors that are not given are 0. A state is its sum [headDim, valueDim], then its normaliser [headDim] if any. */
@unmanaged
export class RunningStateArguments {
	phase!: RunningStatePhase;
	length!: i32;
	headDim!: i32;
	valueDim!: i32;
	segments!: i32;
	/** A multiple of the chunk. */
	segmentLength!: i32;
	epsilon!: f32;
	q!: usize;
	k!: usize;
	v!: usize;
	logDecay!: usize;
	initialSum!: usize;
	initialNormalizer!: usize;
	out!: usize;
	denominator!: usize;
	finalSum!: usize;
	finalNormalizer!: usize;
	/** For every head and every segment but the first: a state and the decay of the segment before it. */
	segmentStates!: usize;
	// Offsets in the thread's scratch: decay tables, keys transposed, scores, two rows of a chunk's length,
	// decayed values, and the LongSum of the state with its memory and its current value.
	decayTables!: usize;
	keyBlock!: usize;
	scoreBlock!: usize;
	rowPair!: usize;
	valueBlock!: usize;
	sumHeader!: usize;
	sumMemory!: usize;
	state!: usize;
}

/** Floats of a state. */
// @ts-ignore: decorator
@inline
export function stateLength(args: RunningStateArguments): i32 {
	return args.headDim * args.valueDim + (args.denominator == 0 ? 0 : args.headDim);
}

/** State before segment `segment` (1 or more) of a head, followed by the decay of the segment before it. */
export function segmentState(args: RunningStateArguments, head: i32, segment: i32): usize {
	const index = <usize>head * <usize>(args.segments - 1) + <usize>(segment - 1);
	return args.segmentStates + ((index * <usize>(stateLength(args) + 1)) << 2);
}
