// Products of a row tile with a single row, as in decoding, where keys and values are read once and the time is that of the memory. A
// strip would use one lane in four; here keys and channels are the lanes. The order of the sums is that of `multiplyBlock`, so that a row
// gets the same bits in any company. Each product touches the floats that the next one reads, so that the memory never waits.
import { multiplyBlock } from "../matrix/block";
import { madd } from "../math/simd";
import { STRIP_STRIDE } from "./tile-plan";

/** Keys at a time: four sums of four, enough to hide the latency of an addition. */
const KEYS: i32 = 16;
/** Channels at a time, as many as there are registers for. */
const CHANNELS: i32 = 32;

/** Brings a cache line nearer. A load may trap, so compilers keep it though nobody uses what it loads. */
// @ts-ignore: decorator
@inline
function touch(address: usize, offset: usize): void {
	load<f32>(address + offset);
}

/** Adds four channels of four keys, from `k` on, to the four sums. `q` are the same channels of the query, in a strip. */
// @ts-ignore: decorator
@inline
function addChannels(sums: v128, k: usize, stride: usize, q: usize): v128 {
	const a = v128.load(k);
	const b = v128.load(k + stride);
	const c = v128.load(k + 2 * stride);
	const d = v128.load(k + 3 * stride);
	const abLow = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
	const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
	const cdLow = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
	const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
	sums = madd(v128.shuffle<f32>(abLow, cdLow, 0, 1, 4, 5), v128.load32_splat(q), sums);
	sums = madd(v128.shuffle<f32>(abLow, cdLow, 2, 3, 6, 7), v128.load32_splat(q + STRIP_STRIDE), sums);
	sums = madd(v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5), v128.load32_splat(q + 2 * STRIP_STRIDE), sums);
	return madd(v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7), v128.load32_splat(q + 3 * STRIP_STRIDE), sums);
}

/** Four sums to four rows of a strip, each in four lanes. */
// @ts-ignore: decorator
@inline
function storeScores(sums: v128, scores: usize): void {
	v128.store(scores, v128.shuffle<f32>(sums, sums, 0, 0, 0, 0));
	v128.store(scores + STRIP_STRIDE, v128.shuffle<f32>(sums, sums, 1, 1, 1, 1));
	v128.store(scores + 2 * STRIP_STRIDE, v128.shuffle<f32>(sums, sums, 2, 2, 2, 2));
	v128.store(scores + 3 * STRIP_STRIDE, v128.shuffle<f32>(sums, sums, 3, 3, 3, 3));
}

/**
 * scores [columns][16 lanes] = keys [columns][headDim] times the first lane of `query` [headDim][16 lanes], in the first four lanes.
 * `ahead` has as many floats as the keys, which are read next.
 */
export function scoreKeys(columns: i32, headDim: i32, keys: usize, query: usize, scores: usize, ahead: usize): void {
	const stride = (<usize>headDim) << 2;
	const queryEnd = query + <usize>headDim * STRIP_STRIDE;
	if (headDim % 4 == 0) {
		for (; columns >= KEYS; columns -= KEYS) {
			let s0 = f32x4.splat(0);
			let s1 = s0;
			let s2 = s0;
			let s3 = s0;
			let k = keys;
			for (let q = query; q != queryEnd; q += 4 * STRIP_STRIDE) {
				s0 = addChannels(s0, k, stride, q);
				// Never so: splits the block, or V8 would load all keys before the first sum (see matrix/tile.ts).
				if (columns == 0) break;
				s1 = addChannels(s1, k + 4 * stride, stride, q);
				if (columns == 0) break;
				s2 = addChannels(s2, k + 8 * stride, stride, q);
				if (columns == 0) break;
				s3 = addChannels(s3, k + 12 * stride, stride, q);
				touch(ahead, 0);
				touch(ahead, 64);
				touch(ahead, 128);
				touch(ahead, 192);
				ahead += 256;
				k += 16;
			}
			storeScores(s0, scores);
			storeScores(s1, scores + 4 * STRIP_STRIDE);
			storeScores(s2, scores + 8 * STRIP_STRIDE);
			storeScores(s3, scores + 12 * STRIP_STRIDE);
			keys += <usize>KEYS * stride;
			scores += <usize>KEYS * STRIP_STRIDE;
		}
	}
	if (columns > 0) multiplyBlock(columns, 4, headDim, keys, stride, 4, query, STRIP_STRIDE, scores, STRIP_STRIDE, false);
}

/** Adds four channels to the first lane of four rows of a strip. */
// @ts-ignore: decorator
@inline
function addToStrip(output: usize, sums: v128): void {
	store<f32>(output, load<f32>(output) + f32x4.extract_lane(sums, 0));
	store<f32>(output + STRIP_STRIDE, load<f32>(output + STRIP_STRIDE) + f32x4.extract_lane(sums, 1));
	store<f32>(output + 2 * STRIP_STRIDE, load<f32>(output + 2 * STRIP_STRIDE) + f32x4.extract_lane(sums, 2));
	store<f32>(output + 3 * STRIP_STRIDE, load<f32>(output + 3 * STRIP_STRIDE) + f32x4.extract_lane(sums, 3));
}

/**
 * The first lane of output [valueDim][16 lanes] += values [columns][valueDim] times the first lane of `weights` [columns][16 lanes].
 * `ahead` has as many floats as the values, which are read next.
 */
export function addValues(columns: i32, valueDim: i32, values: usize, weights: usize, output: usize, ahead: usize): void {
	const stride = (<usize>valueDim) << 2;
	const end = weights + <usize>columns * STRIP_STRIDE;
	for (; valueDim >= CHANNELS; valueDim -= CHANNELS) {
		let s0 = f32x4.splat(0);
		let s1 = s0;
		let s2 = s0;
		let s3 = s0;
		let s4 = s0;
		let s5 = s0;
		let s6 = s0;
		let s7 = s0;
		let v = values;
		for (let at = weights; at != end; at += STRIP_STRIDE) {
			const weight = v128.load32_splat(at);
			s0 = madd(v128.load(v), weight, s0);
			s1 = madd(v128.load(v, 16), weight, s1);
			s2 = madd(v128.load(v, 32), weight, s2);
			s3 = madd(v128.load(v, 48), weight, s3);
			if (columns == 0) break;
			s4 = madd(v128.load(v, 64), weight, s4);
			s5 = madd(v128.load(v, 80), weight, s5);
			s6 = madd(v128.load(v, 96), weight, s6);
			s7 = madd(v128.load(v, 112), weight, s7);
			touch(ahead, 0);
			touch(ahead, 64);
			ahead += 128;
			v += stride;
		}
		addToStrip(output, s0);
		addToStrip(output + 4 * STRIP_STRIDE, s1);
		addToStrip(output + 8 * STRIP_STRIDE, s2);
		addToStrip(output + 12 * STRIP_STRIDE, s3);
		addToStrip(output + 16 * STRIP_STRIDE, s4);
		addToStrip(output + 20 * STRIP_STRIDE, s5);
		addToStrip(output + 24 * STRIP_STRIDE, s6);
		addToStrip(output + 28 * STRIP_STRIDE, s7);
		values += <usize>CHANNELS << 2;
		output += <usize>CHANNELS * STRIP_STRIDE;
	}
	if (valueDim > 0) {
		multiplyBlock(valueDim, 4, columns, values, 4, stride, weights, STRIP_STRIDE, output, STRIP_STRIDE, true);
	}
}
