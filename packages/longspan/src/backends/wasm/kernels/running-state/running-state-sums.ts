import { multiplyBlock } from "../matrix/block";
import { fillDecays, prefixDecays, suffixDecays } from "./chunk-decay";
import { LongSum } from "../math/long-sum";
import { normalized, RunningStateGradientArguments } from "./running-state-gradient-arguments";
import { scratch } from "../runtime/scratch";
import { addRows, dot, scaleRows, scaleVector } from "../math/vectors";

// The two sums of the backward pass. The state S runs forward, as in the forward pass; it is kept transposed, [valueDim,
// headDim]. The carry R runs backward: it is the gradient of the state after a chunk, times the first step's decay of the
// chunk that follows: R = sum of exp(decay from there to i) q_i dnum_iᵀ, with dnum the gradient of q S.

/** Sum of log decays of the chunk at `position`, whose tables it fills. */
// @ts-ignore: decorator
@inline
export function chunkDecay(args: RunningStateGradientArguments, position: usize, rows: i32): f64 {
	if (args.logDecay == 0) return 0;
	return fillDecays(scratch() + args.decayTables, args.logDecay + (position << 2), rows);
}

/** Its tables; null without decay. */
// @ts-ignore: decorator
@inline
export function decayTables(args: RunningStateGradientArguments): usize {
	return args.logDecay == 0 ? args.logDecay : scratch() + args.decayTables;
}

/** Adds a chunk of keys and values to the state; `decay` is null for none. */
function addToState(
	args: RunningStateGradientArguments,
	sum: LongSum,
	rows: i32,
	k: usize,
	v: usize,
	decay: usize,
	logDecay: f64,
): void {
	const headDim = args.headDim;
	const keyStride = <usize>headDim << 2;
	if (decay != 0) {
		sum.decay(logDecay);
		const decayed = scratch() + args.weightedBlock;
		scaleRows(rows, headDim, suffixDecays(decay), k, keyStride, decayed, keyStride);
		k = decayed;
	}
	const valueDim = args.valueDim;
	multiplyBlock(valueDim, headDim, rows, v, 4, <usize>valueDim << 2, k, keyStride, sum.recent, keyStride, true);
	if (normalized(args)) addRows(rows, headDim, 0, 0, k, keyStride, sum.recent + <usize>valueDim * keyStride);
}

/** Columns of `outputGradients`. */
// @ts-ignore: decorator
@inline
export function gradientColumns(args: RunningStateGradientArguments): i32 {
	return args.valueDim + (normalized(args) ? 1 : 0);
}

/** Bytes between the rows of `outputGradients`: those of dOut, or whole vectors, which are faster to load. */
// @ts-ignore: decorator
@inline
export function gradientStride(args: RunningStateGradientArguments): usize {
	return <usize>(normalized(args) ? (args.valueDim + 4) & ~3 : args.valueDim) << 2;
}

/**
 * Gradients of the numerators q S of a chunk, and with a normaliser of the denominators in one more column:
 * dOut / denominator and -(dOut·out) / denominator.
 */
export function outputGradients(args: RunningStateGradientArguments, rows: i32, position: usize): usize {
	const valueDim = args.valueDim;
	const stride = <usize>valueDim << 2;
	let dOut = args.dOut + position * stride;
	if (!normalized(args)) return dOut;
	const gradients = scratch() + args.gradientBlock;
	let row = gradients;
	let out = args.out + position * stride;
	let denominator = args.denominator + (position << 2);
	for (let i = 0; i < rows; i++) {
		const inverse: f32 = 1 / load<f32>(denominator);
		scaleVector(valueDim, inverse, dOut, row);
		store<f32>(row + stride, -inverse * dot(valueDim, dOut, out));
		row += gradientStride(args);
		dOut += stride;
		out += stride;
		denominator += 4;
	}
	return gradients;
}

/** Adds a chunk of queries and `outputGradients` to the carry; `decay` is null for none. */
export function addToCarry(
	args: RunningStateGradientArguments,
	sum: LongSum,
	rows: i32,
	q: usize,
	gradients: usize,
	decay: usize,
	logDecay: f64,
): void {
	const headDim = args.headDim;
	const keyStride = <usize>headDim << 2;
	const valueStride = <usize>args.valueDim << 2;
	const stride = gradientStride(args);
	if (decay != 0) {
		sum.decay(logDecay);
		const decayed = scratch() + args.weightedBlock;
		scaleRows(rows, gradientColumns(args), prefixDecays(decay), gradients, stride, decayed, stride);
		gradients = decayed;
	}
	multiplyBlock(headDim, args.valueDim, rows, q, 4, keyStride, gradients, stride, sum.recent, valueStride, true);
	if (normalized(args)) {
		addRows(rows, headDim, gradients + valueStride, stride, q, keyStride, sum.recent + <usize>headDim * valueStride);
	}
}

/** Adds the chunk at `position` to the state. Returns its sum of log decays. */
export function stateChunk(args: RunningStateGradientArguments, sum: LongSum, position: usize, rows: i32): f64 {
	const k = args.k + ((position * <usize>args.headDim) << 2);
	const v = args.v + ((position * <usize>args.valueDim) << 2);
	const logDecay = chunkDecay(args, position, rows);
	addToState(args, sum, rows, k, v, decayTables(args), logDecay);
	return logDecay;
}

/** Adds the chunk at `position` to the carry. Returns its sum of log decays. */
export function carryChunk(args: RunningStateGradientArguments, sum: LongSum, position: usize, rows: i32): f64 {
	const q = args.q + ((position * <usize>args.headDim) << 2);
	const logDecay = chunkDecay(args, position, rows);
	addToCarry(args, sum, rows, q, outputGradients(args, rows, position), decayTables(args), logDecay);
	return logDecay;
}
