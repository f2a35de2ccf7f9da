import { LongSum } from "../math/long-sum";
import {
	boundaryCarry,
	boundaryState,
	gradientStateLength,
	RunningStateGradientArguments,
} from "./running-state-gradient-arguments";
import { loadEnd, segmentGradients } from "./running-state-gradient-segment";
import { RunningStatePhase } from "./running-state-phase";
import { RunningStateSize } from "./running-state-size";
import { carryChunk, stateChunk } from "./running-state-sums";
import { scratch } from "../runtime/scratch";
import { scaleAndAdd } from "../math/vectors";

// @ts-ignore: decorator
@inline const CHUNK: i32 = RunningStateSize.chunk;

/** What a segment adds to the state after it, or to the carry before it. */
function segmentSum(args: RunningStateGradientArguments, head: i32, segment: i32, forward: bool): void {
	const own = scratch();
	const length = gradientStateLength(args);
	const sum = LongSum.at(own + args.carryHeader, own + args.carryMemory, length);
	const target = forward ? boundaryState(args, head, segment) : boundaryCarry(args, head, segment - 1);
	const first = segment * args.segmentLength;
	const last = min(first + args.segmentLength, args.length);
	const chunks = (last - first + CHUNK - 1) / CHUNK;
	let logDecay: f64 = 0;
	for (let i = 0; i < chunks; i++) {
		const start = first + (forward ? i : chunks - 1 - i) * CHUNK;
		const rows = min(CHUNK, last - start);
		const position = <usize>head * <usize>args.length + <usize>start;
		logDecay += forward ? stateChunk(args, sum, position, rows) : carryChunk(args, sum, position, rows);
		sum.finish(target);
	}
	store<f32>(target + (<usize>length << 2), <f32>Math.exp(logDecay));
}

/** Turns what the segments of a head add into the states and carries between them. */
function scanSegments(args: RunningStateGradientArguments, head: i32): void {
	const length = gradientStateLength(args);
	const decay = <usize>length << 2;
	let previous = scratch() + args.carry;
	loadEnd(args, head, true, previous);
	for (let segment = 0; segment < args.segments - 1; segment++) {
		const state = boundaryState(args, head, segment);
		scaleAndAdd(length, load<f32>(state + decay), previous, state, state);
		previous = state;
	}
	previous = scratch() + args.carry;
	loadEnd(args, head, false, previous);
	for (let segment = args.segments - 2; segment >= 0; segment--) {
		const carry = boundaryCarry(args, head, segment);
		scaleAndAdd(length, load<f32>(carry + decay), previous, carry, carry);
		previous = carry;
	}
}

/** See `runningStateGradient` of the backend interface; items are those of the phase. */
export function runningStateGradient(argsAddress: usize, first: i32, last: i32): void {
	const args = changetype<RunningStateGradientArguments>(argsAddress);
	const phase = args.phase;
	const inner = args.segments - 1;
	for (let item = first; item < last; item++) {
		if (phase == RunningStatePhase.segmentStates) {
			// For each head the states of all segments but the last, then the carries of all but the first.
			const part = item % (2 * inner);
			const forward = part < inner;
			segmentSum(args, item / (2 * inner), forward ? part : part - inner + 1, forward);
		} else if (phase == RunningStatePhase.scan) {
			scanSegments(args, item);
		} else {
			segmentGradients(args, item / args.segments, item % args.segments);
		}
	}
}
