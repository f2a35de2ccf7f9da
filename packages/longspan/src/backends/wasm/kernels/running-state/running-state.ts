import { multiplyBlock } from "../matrix/block";
import { fillDecays, prefixDecays, stepDecays, suffixDecays } from "./chunk-decay";
import { applyScores, causalScores, maskScores } from "./chunk-scores";
import { LongSum } from "../math/long-sum";
import { RunningStateArguments, segmentState, stateLength } from "./running-state-arguments";
import { RunningStatePhase } from "./running-state-phase";
import { RunningStateSize } from "./running-state-size";
import { stepNormalizer, stepSum } from "./running-state-step";
import { scratch } from "../runtime/scratch";
import { loadState, storeState } from "./state-memory";
import { transposeBlock } from "../math/transpose";
import { addRows, copyVector, dot, offsetOrNull, scaleAndAdd, scaleRows, scaleVector } from "../math/vectors";

// @ts-ignore: decorator
@inline const CHUNK: i32 = RunningStateSize.chunk;
// @ts-ignore: decorator
@inline const CHUNK_STRIDE: usize = <usize>CHUNK << 2;

/** Adds a chunk's keys and values to the state; `decay` is null for none. */
function addChunk(args: RunningStateArguments, sum: LongSum, rows: i32, k: usize, v: usize, decay: usize, logDecay: f64): void {
	const keyStride = <usize>args.headDim << 2;
	const valueStride = <usize>args.valueDim << 2;
	if (decay != 0) {
		sum.decay(logDecay);
		const decayed = scratch() + args.valueBlock;
		scaleRows(rows, args.valueDim, suffixDecays(decay), v, valueStride, decayed, valueStride);
		v = decayed;
	}
	multiplyBlock(args.headDim, args.valueDim, rows, k, 4, keyStride, v, valueStride, sum.recent, valueStride, true);
	if (args.denominator != 0) {
		const normalizer = sum.recent + <usize>args.headDim * valueStride;
		addRows(rows, args.headDim, suffixDecays(decay), 4, k, keyStride, normalizer);
	}
}

/** Outputs of a chunk given the state before it, which is not read unless `hasState`. */
function chunkOutputs(
	args: RunningStateArguments,
	rows: i32,
	q: usize,
	k: usize,
	v: usize,
	out: usize,
	denominator: usize,
	decay: usize,
	state: usize,
	hasState: bool,
): void {
	const own = scratch();
	const headDim = args.headDim;
	const valueDim = args.valueDim;
	const keyStride = <usize>headDim << 2;
	const valueStride = <usize>valueDim << 2;
	const keysTransposed = own + args.keyBlock;
	const scores = own + args.scoreBlock;
	const rowSums = own + args.rowPair;
	transposeBlock(rows, headDim, k, keyStride, keysTransposed, CHUNK_STRIDE);
	causalScores(rows, headDim, q, keyStride, keysTransposed, scores);
	maskScores(rows, scores, stepDecays(decay), rowSums + CHUNK_STRIDE, 0, 0, denominator == 0 ? 0 : rowSums);
	if (hasState) {
		multiplyBlock(rows, valueDim, headDim, q, keyStride, 4, state, valueStride, out, valueStride, false);
		if (decay != 0) scaleRows(rows, valueDim, prefixDecays(decay), out, valueStride, out, valueStride);
	}
	applyScores(rows, valueDim, scores, v, valueStride, out, valueStride, hasState);
	if (denominator == 0) return;
	const normalizer = state + <usize>headDim * valueStride;
	for (let i = 0; i < rows; i++) {
		const offset = <usize>i << 2;
		let total = load<f32>(rowSums + offset) + args.epsilon;
		if (hasState) {
			const carried: f32 = decay == 0 ? 1 : load<f32>(prefixDecays(decay) + offset);
			total += carried * dot(headDim, q, normalizer);
		}
		store<f32>(denominator + offset, total);
		scaleVector(valueDim, 1 / total, out, out);
		q += keyStride;
		out += valueStride;
	}
}

/** Copies the initial state of a head to `target`; false, and nothing done, if there is none. */
function loadInitialState(args: RunningStateArguments, head: i32, target: usize): bool {
	return loadState(head, args.headDim, args.valueDim, args.initialSum, args.initialNormalizer, target, false);
}

/** A segment of a head: its outputs, or only the state it adds. */
function runSegment(args: RunningStateArguments, head: i32, segment: i32, outputs: bool): void {
	const own = scratch();
	const state = own + args.state;
	const sum = LongSum.at(own + args.sumHeader, own + args.sumMemory, stateLength(args));
	const last = segment == args.segments - 1;
	let hasState = false;
	if (outputs) {
		if (segment > 0) {
			copyVector(stateLength(args), segmentState(args, head, segment), sum.base);
			hasState = true;
		} else {
			hasState = loadInitialState(args, head, sum.base);
		}
		copyVector(stateLength(args), sum.base, state);
	}
	let totalLog: f64 = 0;
	const end = last ? args.length : (segment + 1) * args.segmentLength;
	for (let first = segment * args.segmentLength; first < end; first += CHUNK) {
		const rows = min(CHUNK, end - first);
		const position = <usize>head * <usize>args.length + <usize>first;
		const k = args.k + ((position * <usize>args.headDim) << 2);
		const v = args.v + ((position * <usize>args.valueDim) << 2);
		let decay: usize = 0;
		let logDecay: f64 = 0;
		if (args.logDecay != 0) {
			decay = own + args.decayTables;
			logDecay = fillDecays(decay, args.logDecay + (position << 2), rows);
			totalLog += logDecay;
		}
		if (outputs) {
			const q = args.q + ((position * <usize>args.headDim) << 2);
			const out = args.out + ((position * <usize>args.valueDim) << 2);
			const denominator = offsetOrNull(args.denominator, position << 2);
			chunkOutputs(args, rows, q, k, v, out, denominator, decay, state, hasState);
		}
		if (outputs && !last && first + rows == end) return;
		addChunk(args, sum, rows, k, v, decay, logDecay);
		sum.finish(state);
		hasState = true;
	}
	if (outputs) {
		storeState(head, args.headDim, args.valueDim, state, args.finalSum, args.finalNormalizer);
	} else {
		const target = segmentState(args, head, segment + 1);
		copyVector(stateLength(args), state, target);
		store<f32>(target + (<usize>stateLength(args) << 2), <f32>Math.exp(totalLog));
	}
}

/** A head, position by position. */
function runSteps(args: RunningStateArguments, head: i32): void {
	const headDim = args.headDim;
	const valueDim = args.valueDim;
	const sum = args.finalSum + (<usize>(head * headDim * valueDim) << 2);
	const normalizer = args.finalNormalizer + (<usize>(head * headDim) << 2);
	let oldSum = offsetOrNull(args.initialSum, <usize>(head * headDim * valueDim) << 2);
	let oldNormalizer = offsetOrNull(args.initialNormalizer, <usize>(head * headDim) << 2);
	for (let t = 0; t < args.length; t++) {
		const position = <usize>head * <usize>args.length + <usize>t;
		const keyOffset = (position * <usize>headDim) << 2;
		const valueOffset = (position * <usize>valueDim) << 2;
		const q = args.q + keyOffset;
		const k = args.k + keyOffset;
		const out = args.out + valueOffset;
		const decay: f32 = args.logDecay == 0 ? 1 : <f32>Math.exp(<f64>load<f32>(args.logDecay + (position << 2)));
		stepSum(headDim, valueDim, decay, q, k, args.v + valueOffset, oldSum, sum, out);
		oldSum = sum;
		if (args.denominator == 0) continue;
		const total = stepNormalizer(headDim, decay, q, k, oldNormalizer, normalizer) + args.epsilon;
		oldNormalizer = normalizer;
		store<f32>(args.denominator + (position << 2), total);
		scaleVector(valueDim, 1 / total, out, out);
	}
}

/** Turns what the segments of a head add into the states at their beginnings. */
function scanSegments(args: RunningStateArguments, head: i32): void {
	const length = stateLength(args);
	let previous = scratch() + args.state;
	if (!loadInitialState(args, head, previous)) memory.fill(previous, 0, <usize>length << 2);
	for (let segment = 1; segment < args.segments; segment++) {
		const state = segmentState(args, head, segment);
		scaleAndAdd(length, load<f32>(state + (<usize>length << 2)), previous, state, state);
		previous = state;
	}
}

/** See `runningState` of the backend interface; items are those of the phase. */
export function runningState(argsAddress: usize, first: i32, last: i32): void {
	const args = changetype<RunningStateArguments>(argsAddress);
	const phase = args.phase;
	for (let item = first; item < last; item++) {
		if (phase == RunningStatePhase.steps) {
			runSteps(args, item);
		} else if (phase == RunningStatePhase.segmentStates) {
			runSegment(args, item / (args.segments - 1), item % (args.segments - 1), false);
		} else if (phase == RunningStatePhase.scan) {
			scanSegments(args, item);
		} else {
			runSegment(args, item / args.segments, item % args.segments, true);
		}
	}
}
