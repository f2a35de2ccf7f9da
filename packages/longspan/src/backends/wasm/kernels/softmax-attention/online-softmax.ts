// Online softmax (Milakov and Gimelshein 2018) of strips of scores [columns][16 lanes] in base 2: every lane is a row of its own, with a
// running reference `maximum`, the `sum` of 2^(score - maximum) and the weighted sum of values [valueDim][16 lanes].
import { EXP2_CONSTANTS, exp2NonPositive4, exp2Once4 } from "../math/exp2";
import { choose } from "../math/simd";
import { STRIP, STRIP_STRIDE } from "./tile-plan";

/** Reference of a lane that has seen nothing: below every score, but finite, so that -Infinity - NOTHING_SEEN is not NaN. */
export const NOTHING_SEEN: f32 = -3.4028235e38;

/**
 * The reference follows the true maximum only where that is more than 2^SLACK times larger: weights up to 2^SLACK are as good as
 * weights up to 1, and the accumulated values are rescaled less often.
 */
// @ts-ignore: decorator
@inline const SLACK: f32 = 8;

// @ts-ignore: decorator
@inline
function rescaleLanes(tileMaximum: v128, maximum: usize, sum: usize, values: usize, valueDim: i32): void {
	const old = v128.load(maximum);
	const above = f32x4.gt(tileMaximum, f32x4.add(old, f32x4.splat(SLACK)));
	if (!v128.any_true(above)) return;
	const reference = choose(above, tileMaximum, old);
	const factor = exp2Once4(f32x4.sub(old, reference));
	v128.store(maximum, reference);
	v128.store(sum, f32x4.mul(v128.load(sum), factor));
	for (let t = 0; t < valueDim; t++) {
		v128.store(values, f32x4.mul(v128.load(values), factor));
		values += STRIP_STRIDE;
	}
}

/** Four lanes of `weighStrip`. */
function weigh4(columns: i32, scores: usize, logWeight: f32, maximum: usize, sum: usize, values: usize, valueDim: i32): void {
	const end = scores + <usize>columns * STRIP_STRIDE;
	let highest = v128.load(scores);
	for (let at = scores + STRIP_STRIDE; at < end; at += STRIP_STRIDE) highest = f32x4.pmax(highest, v128.load(at));
	const weight = f32x4.splat(logWeight);
	rescaleLanes(f32x4.add(highest, weight), maximum, sum, values, valueDim);
	const shift = f32x4.sub(v128.load(maximum), weight);
	const bound = v128.load32_splat(EXP2_CONSTANTS);
	const rounder = v128.load32_splat(EXP2_CONSTANTS, 4);
	const c5 = v128.load32_splat(EXP2_CONSTANTS, 8);
	const c4 = v128.load32_splat(EXP2_CONSTANTS, 12);
	const c3 = v128.load32_splat(EXP2_CONSTANTS, 16);
	const c2 = v128.load32_splat(EXP2_CONSTANTS, 20);
	const c1 = v128.load32_splat(EXP2_CONSTANTS, 24);
	const c0 = v128.load32_splat(EXP2_CONSTANTS, 28);
	let total = v128.load(sum);
	for (let at = scores; at < end; at += STRIP_STRIDE) {
		const p = exp2NonPositive4(f32x4.sub(v128.load(at), shift), bound, rounder, c5, c4, c3, c2, c1, c0);
		total = f32x4.add(total, p);
		v128.store(at, p);
	}
	v128.store(sum, total);
}

/** Sixteen lanes of `weighStrip`: adjacent vectors go through the same operations, which V8's revectoriser joins in pairs. */
function weigh16(columns: i32, scores: usize, logWeight: f32, maximum: usize, sum: usize, values: usize, valueDim: i32): void {
	const end = scores + <usize>columns * STRIP_STRIDE;
	const weight = f32x4.splat(logWeight);
	let a = v128.load(scores);
	let b = v128.load(scores, 16);
	let c = v128.load(scores, 32);
	let d = v128.load(scores, 48);
	for (let at = scores + STRIP_STRIDE; at < end; at += STRIP_STRIDE) {
		a = f32x4.pmax(a, v128.load(at));
		b = f32x4.pmax(b, v128.load(at, 16));
		c = f32x4.pmax(c, v128.load(at, 32));
		d = f32x4.pmax(d, v128.load(at, 48));
	}
	rescaleLanes(f32x4.add(a, weight), maximum, sum, values, valueDim);
	rescaleLanes(f32x4.add(b, weight), maximum + 16, sum + 16, values + 16, valueDim);
	rescaleLanes(f32x4.add(c, weight), maximum + 32, sum + 32, values + 32, valueDim);
	rescaleLanes(f32x4.add(d, weight), maximum + 48, sum + 48, values + 48, valueDim);
	const bound = v128.load32_splat(EXP2_CONSTANTS);
	const rounder = v128.load32_splat(EXP2_CONSTANTS, 4);
	const c5 = v128.load32_splat(EXP2_CONSTANTS, 8);
	const c4 = v128.load32_splat(EXP2_CONSTANTS, 12);
	const c3 = v128.load32_splat(EXP2_CONSTANTS, 16);
	const c2 = v128.load32_splat(EXP2_CONSTANTS, 20);
	const c1 = v128.load32_splat(EXP2_CONSTANTS, 24);
	const c0 = v128.load32_splat(EXP2_CONSTANTS, 28);
	const shiftA = f32x4.sub(v128.load(maximum), weight);
	const shiftB = f32x4.sub(v128.load(maximum, 16), weight);
	const shiftC = f32x4.sub(v128.load(maximum, 32), weight);
	const shiftD = f32x4.sub(v128.load(maximum, 48), weight);
	a = v128.load(sum);
	b = v128.load(sum, 16);
	c = v128.load(sum, 32);
	d = v128.load(sum, 48);
	for (let at = scores; at < end; at += STRIP_STRIDE) {
		const pA = exp2NonPositive4(f32x4.sub(v128.load(at), shiftA), bound, rounder, c5, c4, c3, c2, c1, c0);
		const pB = exp2NonPositive4(f32x4.sub(v128.load(at, 16), shiftB), bound, rounder, c5, c4, c3, c2, c1, c0);
		const pC = exp2NonPositive4(f32x4.sub(v128.load(at, 32), shiftC), bound, rounder, c5, c4, c3, c2, c1, c0);
		const pD = exp2NonPositive4(f32x4.sub(v128.load(at, 48), shiftD), bound, rounder, c5, c4, c3, c2, c1, c0);
		a = f32x4.add(a, pA);
		b = f32x4.add(b, pB);
		c = f32x4.add(c, pC);
		d = f32x4.add(d, pD);
		v128.store(at, pA);
		v128.store(at, pB, 16);
		v128.store(at, pC, 32);
		v128.store(at, pD, 48);
	}
	v128.store(sum, a);
	v128.store(sum, b, 16);
	v128.store(sum, c, 32);
	v128.store(sum, d, 48);
}

/**
 * Takes a strip of scores into account: replaces them by their weights 2^(score + logWeight - maximum) and updates `maximum` and `sum`
 * [lanes]; `values` [valueDim][16 lanes] is rescaled where the reference moved. `lanes` is a multiple of 4, logWeight in base 2.
 */
export function weighStrip(
	columns: i32,
	lanes: i32,
	scores: usize,
	logWeight: f32,
	maximum: usize,
	sum: usize,
	values: usize,
	valueDim: i32,
): void {
	if (lanes == STRIP) return weigh16(columns, scores, logWeight, maximum, sum, values, valueDim);
	for (let at: usize = 0; at < (<usize>lanes) << 2; at += 16) {
		weigh4(columns, scores + at, logWeight, maximum + at, sum + at, values + at, valueDim);
	}
}
