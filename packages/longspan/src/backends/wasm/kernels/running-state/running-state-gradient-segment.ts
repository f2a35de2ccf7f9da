import { LongSum } from "../math/long-sum";
import { chunkGradients } from "./running-state-chunk-gradient";
import {
	boundaryCarry,
	boundaryState,
	gradientStateLength,
	RunningStateGradientArguments,
} from "./running-state-gradient-arguments";
import { RunningStateSize } from "./running-state-size";
import { addToCarry, chunkDecay, decayTables, outputGradients, stateChunk } from "./running-state-sums";
import { scratch } from "../runtime/scratch";
import { loadState, storeState } from "./state-memory";
import { transposeBlock } from "../math/transpose";
import { copyVector } from "../math/vectors";

// @ts-ignore: decorator
@inline const CHUNK: i32 = RunningStateSize.chunk;

/** Loads the initial state, or the gradient of the final state; false, and zeros, if there is none. */
export function loadEnd(args: RunningStateGradientArguments, head: i32, initial: bool, target: usize): bool {
	const headDim = args.headDim;
	const valueDim = args.valueDim;
	const loaded = initial
		? loadState(head, headDim, valueDim, args.initialSum, args.initialNormalizer, target, true)
		: loadState(head, headDim, valueDim, args.dFinalSum, args.dFinalNormalizer, target, false);
	if (!loaded) memory.fill(target, 0, <usize>gradientStateLength(args) << 2);
	return loaded;
}

/** The carry with its sum as [valueDim, headDim]. */
function transposeCarry(args: RunningStateGradientArguments, carry: usize, target: usize): void {
	const headDim = args.headDim;
	const valueDim = args.valueDim;
	const length = headDim * valueDim;
	transposeBlock(headDim, valueDim, carry, <usize>valueDim << 2, target, <usize>headDim << 2);
	copyVector(gradientStateLength(args) - length, carry + (<usize>length << 2), target + (<usize>length << 2));
}

/** Address of entry `index` of a list of states in scratch. */
// @ts-ignore: decorator
@inline
function stateAt(args: RunningStateGradientArguments, list: usize, index: i32): usize {
	return scratch() + list + ((<usize>index * <usize>gradientStateLength(args)) << 2);
}

/** Fills `spanStates` from the state before the segment, its entry 0. */
function walkSpans(args: RunningStateGradientArguments, base: usize, spans: i32): void {
	const own = scratch();
	const length = gradientStateLength(args);
	const sum = LongSum.at(own + args.stateHeader, own + args.stateMemory, length);
	copyVector(length, own + args.spanStates, sum.base);
	for (let chunk = 0; chunk < (spans - 1) * args.spanChunks; chunk++) {
		stateChunk(args, sum, base + <usize>(chunk * CHUNK), CHUNK);
		sum.finish(stateAt(args, args.spanStates, chunk / args.spanChunks + 1));
	}
}

/** Fills `chunkStates`: before each chunk of a span of `rows` positions, and after the last one if `after`. */
function walkChunks(args: RunningStateGradientArguments, base: usize, rows: i32, before: usize, after: bool): void {
	const own = scratch();
	const length = gradientStateLength(args);
	const sum = LongSum.at(own + args.stateHeader, own + args.stateMemory, length);
	copyVector(length, before, sum.base);
	copyVector(length, before, own + args.chunkStates);
	const chunks = (rows + CHUNK - 1) / CHUNK - (after ? 0 : 1);
	for (let chunk = 0; chunk < chunks; chunk++) {
		const first = chunk * CHUNK;
		stateChunk(args, sum, base + <usize>first, min(CHUNK, rows - first));
		sum.finish(stateAt(args, args.chunkStates, chunk + 1));
	}
}

/**
 * Gradients of a segment of a head. The states before its chunks are computed once more and kept for one span of chunks at a
 * time, the last span first; every span is then walked backward.
 */
export function segmentGradients(args: RunningStateGradientArguments, head: i32, segment: i32): void {
	const own = scratch();
	const length = gradientStateLength(args);
	const start = segment * args.segmentLength;
	const rows = min(args.segmentLength, args.length - start);
	const base = <usize>head * <usize>args.length + <usize>start;
	const spanRows = args.spanChunks * CHUNK;
	const spans = (rows + spanRows - 1) / spanRows;

	let hasState = true;
	if (segment > 0) copyVector(length, boundaryState(args, head, segment - 1), own + args.spanStates);
	else hasState = loadEnd(args, head, true, own + args.spanStates);
	walkSpans(args, base, spans);

	const sum = LongSum.at(own + args.carryHeader, own + args.carryMemory, length);
	const carry = own + args.carry;
	const carryTransposed = own + args.carryTransposed;
	let hasCarry = true;
	if (segment < args.segments - 1) copyVector(length, boundaryCarry(args, head, segment), carry);
	else hasCarry = loadEnd(args, head, false, carry);
	copyVector(length, carry, sum.base);

	for (let span = spans - 1; span >= 0; span--) {
		const spanStart = span * spanRows;
		const inSpan = min(spanRows, rows - spanStart);
		walkChunks(args, base + <usize>spanStart, inSpan, stateAt(args, args.spanStates, span), args.dLogDecay != 0);
		for (let chunk = (inSpan - 1) / CHUNK; chunk >= 0; chunk--) {
			const first = spanStart + chunk * CHUNK;
			const count = min(CHUNK, rows - first);
			const position = base + <usize>first;
			const logDecay = chunkDecay(args, position, count);
			const gradients = outputGradients(args, count, position);
			if (hasCarry) transposeCarry(args, carry, carryTransposed);
			const before: usize = hasState || first > 0 ? stateAt(args, args.chunkStates, chunk) : 0;
			const after = stateAt(args, args.chunkStates, chunk + 1);
			chunkGradients(
				args,
				count,
				position,
				gradients,
				decayTables(args),
				before,
				after,
				hasCarry ? carry : 0,
				hasCarry ? carryTransposed : 0,
			);
			// Between segments the carry is known from the scan.
			if (first == 0 && (segment > 0 || args.dInitialSum == 0)) return;
			const q = args.q + ((position * <usize>args.headDim) << 2);
			addToCarry(args, sum, count, q, gradients, decayTables(args), logDecay);
			sum.finish(carry);
			hasCarry = true;
		}
	}
	if (segment == 0) storeState(head, args.headDim, args.valueDim, carry, args.dInitialSum, args.dInitialNormalizer);
}
