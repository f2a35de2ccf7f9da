import { madd } from "../math/simd";
import { dot, offsetOrNull, scaleAndAdd, scaleVector } from "../math/vectors";

/**
 * Two vectors of the state's columns for all of its rows, and their share of out = q S. `previous` is null for zero.
 */
// @ts-ignore: decorator
@inline
function stepColumns(
	pair: bool,
	headDim: i32,
	stride: usize,
	decay: f32,
	q: usize,
	k: usize,
	v: usize,
	previous: usize,
	state: usize,
	out: usize,
): void {
	const factor = f32x4.splat(decay);
	const v0 = v128.load(v);
	const v1 = pair ? v128.load(v, 16) : v0;
	let out0 = f32x4.splat(0);
	let out1 = out0;
	for (let row = 0; row < headDim; row++) {
		const key = v128.load32_splat(k);
		const query = v128.load32_splat(q);
		let s0 = f32x4.mul(key, v0);
		let s1 = f32x4.mul(key, v1);
		if (previous != 0) {
			s0 = madd(factor, v128.load(previous), s0);
			if (pair) s1 = madd(factor, v128.load(previous, 16), s1);
			previous += stride;
		}
		v128.store(state, s0);
		if (pair) v128.store(state, s1, 16);
		out0 = madd(query, s0, out0);
		out1 = madd(query, s1, out1);
		state += stride;
		k += 4;
		q += 4;
	}
	v128.store(out, out0);
	if (pair) v128.store(out, out1, 16);
}

/** One column of the state. */
function stepColumn(
	headDim: i32,
	stride: usize,
	decay: f32,
	q: usize,
	k: usize,
	v: usize,
	previous: usize,
	state: usize,
	out: usize,
): void {
	const value = load<f32>(v);
	let sum: f32 = 0;
	for (let row = 0; row < headDim; row++) {
		let s = load<f32>(k) * value;
		if (previous != 0) {
			s += decay * load<f32>(previous);
			previous += stride;
		}
		store<f32>(state, s);
		sum += load<f32>(q) * s;
		state += stride;
		k += 4;
		q += 4;
	}
	store<f32>(out, sum);
}

/**
 * One step of the recurrence, the state read and written once: state = decay * previous + k vᵀ, out = q state. The state
 * may be `previous` itself; `previous` is null for zero.
 */
export function stepSum(
	headDim: i32,
	valueDim: i32,
	decay: f32,
	q: usize,
	k: usize,
	v: usize,
	previous: usize,
	state: usize,
	out: usize,
): void {
	const stride = <usize>valueDim << 2;
	let column = 0;
	for (; column <= valueDim - 8; column += 8) {
		const offset = <usize>column << 2;
		const old = offsetOrNull(previous, offset);
		stepColumns(true, headDim, stride, decay, q, k, v + offset, old, state + offset, out + offset);
	}
	for (; column <= valueDim - 4; column += 4) {
		const offset = <usize>column << 2;
		const old = offsetOrNull(previous, offset);
		stepColumns(false, headDim, stride, decay, q, k, v + offset, old, state + offset, out + offset);
	}
	for (; column < valueDim; column++) {
		const offset = <usize>column << 2;
		const old = offsetOrNull(previous, offset);
		stepColumn(headDim, stride, decay, q, k, v + offset, old, state + offset, out + offset);
	}
}

/** The same step for the normaliser: state = decay * previous + k. Returns q·state. */
export function stepNormalizer(headDim: i32, decay: f32, q: usize, k: usize, previous: usize, state: usize): f32 {
	if (previous == 0) scaleVector(headDim, 1, k, state);
	else scaleAndAdd(headDim, decay, previous, k, state);
	return dot(headDim, q, state);
}
