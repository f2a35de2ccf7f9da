import { multiplyBlock } from "../matrix/block";
import { prefixDecays, stepDecays, suffixDecays } from "./chunk-decay";
import { applyScores, applyTransposedScores, causalScores, maskScores } from "./chunk-scores";
import { gradientStateLength, normalized, RunningStateGradientArguments } from "./running-state-gradient-arguments";
import { RunningStateSize } from "./running-state-size";
import { gradientColumns, gradientStride } from "./running-state-sums";
import { scratch } from "../runtime/scratch";
import { transposeBlock } from "../math/transpose";
import { copyVector, dot, scaleRows } from "../math/vectors";

// @ts-ignore: decorator
@inline const CHUNK_STRIDE: usize = <usize>RunningStateSize.chunk << 2;

/** dv_j = sum over i >= j of (q_i·k_j) decay dnum_i, and k_j times the carry behind the chunk. */
function valueGradients(
	args: RunningStateGradientArguments,
	rows: i32,
	q: usize,
	k: usize,
	gradients: usize,
	dv: usize,
	decay: usize,
	carry: usize,
): void {
	const own = scratch();
	const headDim = args.headDim;
	const valueDim = args.valueDim;
	const keyStride = <usize>headDim << 2;
	const valueStride = <usize>valueDim << 2;
	const scores = own + args.scoreBlock;
	const keysTransposed = own + args.keyBlock;
	transposeBlock(rows, headDim, k, keyStride, keysTransposed, CHUNK_STRIDE);
	causalScores(rows, headDim, q, keyStride, keysTransposed, scores);
	maskScores(rows, scores, stepDecays(decay), own + args.decayRow, 0, 0, 0);
	if (carry != 0) {
		multiplyBlock(rows, valueDim, headDim, k, keyStride, 4, carry, valueStride, dv, valueStride, false);
		if (decay != 0) scaleRows(rows, valueDim, suffixDecays(decay), dv, valueStride, dv, valueStride);
	}
	applyTransposedScores(rows, valueDim, scores, gradients, gradientStride(args), dv, valueStride, carry != 0);
}

/** Puts the gradients of the scores, dnum_i·v_j + dden_i times the decay, in the score block. */
function scoreGradients(args: RunningStateGradientArguments, rows: i32, v: usize, gradients: usize, decay: usize): usize {
	const own = scratch();
	const valueDim = args.valueDim;
	const stride = gradientStride(args);
	const scores = own + args.scoreBlock;
	const valuesTransposed = own + args.valueBlock;
	transposeBlock(rows, valueDim, v, <usize>valueDim << 2, valuesTransposed, CHUNK_STRIDE);
	causalScores(rows, valueDim, gradients, stride, valuesTransposed, scores);
	const denominators = normalized(args) ? gradients + (<usize>valueDim << 2) : 0;
	maskScores(rows, scores, stepDecays(decay), own + args.decayRow, denominators, stride, 0);
	return scores;
}

/**
 * dLogDecay_t = sum over i >= t of q_i·dq_i - k_i·dk_i. The part behind the chunk is taken from the state and the carry
 * there, not summed on from the end of the sequence, so that rounding errors do not pile up; and it is 0 before a reset.
 */
function decayGradients(
	rows: i32,
	headDim: i32,
	q: usize,
	dq: usize,
	k: usize,
	dk: usize,
	steps: usize,
	behind: f32,
	dLogDecay: usize,
): void {
	let sum = <f64>behind;
	for (let i = rows - 1; i >= 0; i--) {
		const offset = <usize>(i * headDim) << 2;
		sum += <f64>dot(headDim, q + offset, dq + offset) - <f64>dot(headDim, k + offset, dk + offset);
		if (load<f32>(steps + (<usize>i << 2)) == 0) sum = 0;
		store<f32>(dLogDecay + (<usize>i << 2), <f32>sum);
	}
}

/** dq_i = sum over j <= i of (score gradient i, j) k_j, and the state before the chunk times dnum_i and dden_i. */
function queryGradients(
	args: RunningStateGradientArguments,
	rows: i32,
	k: usize,
	gradients: usize,
	scores: usize,
	dq: usize,
	decay: usize,
	state: usize,
): void {
	const headDim = args.headDim;
	const keyStride = <usize>headDim << 2;
	const stride = gradientStride(args);
	if (state != 0) {
		multiplyBlock(rows, headDim, gradientColumns(args), gradients, stride, 4, state, keyStride, dq, keyStride, false);
		if (decay != 0) scaleRows(rows, headDim, prefixDecays(decay), dq, keyStride, dq, keyStride);
	}
	applyScores(rows, headDim, scores, k, keyStride, dq, keyStride, state != 0);
}

/** dk_j = sum over i >= j of (score gradient i, j) q_i, and the carry behind the chunk times v_j and 1. */
function keyGradients(
	args: RunningStateGradientArguments,
	rows: i32,
	q: usize,
	v: usize,
	scores: usize,
	dk: usize,
	decay: usize,
	carryTransposed: usize,
): void {
	const headDim = args.headDim;
	const valueDim = args.valueDim;
	const keyStride = <usize>headDim << 2;
	const valueStride = <usize>valueDim << 2;
	if (carryTransposed != 0) {
		const ones = normalized(args);
		if (ones) {
			const normalizer = carryTransposed + <usize>valueDim * keyStride;
			for (let j = 0; j < rows; j++) copyVector(headDim, normalizer, dk + <usize>j * keyStride);
		}
		multiplyBlock(rows, headDim, valueDim, v, valueStride, 4, carryTransposed, keyStride, dk, keyStride, ones);
		if (decay != 0) scaleRows(rows, headDim, suffixDecays(decay), dk, keyStride, dk, keyStride);
	}
	applyTransposedScores(rows, headDim, scores, q, keyStride, dk, keyStride, carryTransposed != 0);
}

/**
 * All gradients of one chunk, `position` rows from the start of the tensors. The state before it and the carry behind it are null
 * where they are zero; the state after it is read only for the decay's gradient, and not without a carry.
 */
export function chunkGradients(
	args: RunningStateGradientArguments,
	rows: i32,
	position: usize,
	gradients: usize,
	decay: usize,
	stateBefore: usize,
	stateAfter: usize,
	carry: usize,
	carryTransposed: usize,
): void {
	const headDim = args.headDim;
	const keyOffset = (position * <usize>headDim) << 2;
	const valueOffset = (position * <usize>args.valueDim) << 2;
	const q = args.q + keyOffset;
	const k = args.k + keyOffset;
	const v = args.v + valueOffset;
	const dq = args.dq + keyOffset;
	const dk = args.dk + keyOffset;
	valueGradients(args, rows, q, k, gradients, args.dv + valueOffset, decay, carry);
	const scores = scoreGradients(args, rows, v, gradients, decay);
	queryGradients(args, rows, k, gradients, scores, dq, decay, stateBefore);
	keyGradients(args, rows, q, v, scores, dk, decay, carryTransposed);
	if (args.dLogDecay != 0) {
		const behind: f32 = carry == 0 ? 0 : dot(gradientStateLength(args), carryTransposed, stateAfter);
		decayGradients(rows, headDim, q, dq, k, dk, stepDecays(decay), behind, args.dLogDecay + (position << 2));
	}
}
