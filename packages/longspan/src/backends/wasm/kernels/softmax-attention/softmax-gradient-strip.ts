import { EXP2_CONSTANTS, exp2NonPositive4 } from "../math/exp2";
import { STRIP, STRIP_STRIDE } from "./tile-plan";

/**
 * A strip [queries][16 keys] of the gradient of the softmax: `weights` holds scores in base 2 and becomes P = 2^(score + logWeight - shift),
 * `gradient` holds dP and becomes dS = scale * P * (dP - delta). `shift` and `delta` are per query. `lanes` is a multiple of 4.
 */
export function softmaxGradientStrip(
	queries: i32,
	lanes: i32,
	weights: usize,
	gradient: usize,
	shift: usize,
	delta: usize,
	logWeight: f32,
	scale: f32,
): void {
	const bound = v128.load32_splat(EXP2_CONSTANTS);
	const rounder = v128.load32_splat(EXP2_CONSTANTS, 4);
	const c5 = v128.load32_splat(EXP2_CONSTANTS, 8);
	const c4 = v128.load32_splat(EXP2_CONSTANTS, 12);
	const c3 = v128.load32_splat(EXP2_CONSTANTS, 16);
	const c2 = v128.load32_splat(EXP2_CONSTANTS, 20);
	const c1 = v128.load32_splat(EXP2_CONSTANTS, 24);
	const c0 = v128.load32_splat(EXP2_CONSTANTS, 28);
	const factor = f32x4.splat(scale);
	for (let query = 0; query < queries; query++) {
		const reference = f32x4.splat(load<f32>(shift) - logWeight);
		const mean = v128.load32_splat(delta);
		if (lanes == STRIP) {
			// Adjacent vectors go through the same operations, which V8's revectoriser joins in pairs.
			const pA = exp2NonPositive4(f32x4.sub(v128.load(weights), reference), bound, rounder, c5, c4, c3, c2, c1, c0);
			const pB = exp2NonPositive4(f32x4.sub(v128.load(weights, 16), reference), bound, rounder, c5, c4, c3, c2, c1, c0);
			const pC = exp2NonPositive4(f32x4.sub(v128.load(weights, 32), reference), bound, rounder, c5, c4, c3, c2, c1, c0);
			const pD = exp2NonPositive4(f32x4.sub(v128.load(weights, 48), reference), bound, rounder, c5, c4, c3, c2, c1, c0);
			const dA = f32x4.mul(f32x4.mul(pA, factor), f32x4.sub(v128.load(gradient), mean));
			const dB = f32x4.mul(f32x4.mul(pB, factor), f32x4.sub(v128.load(gradient, 16), mean));
			const dC = f32x4.mul(f32x4.mul(pC, factor), f32x4.sub(v128.load(gradient, 32), mean));
			const dD = f32x4.mul(f32x4.mul(pD, factor), f32x4.sub(v128.load(gradient, 48), mean));
			v128.store(weights, pA);
			v128.store(weights, pB, 16);
			v128.store(weights, pC, 32);
			v128.store(weights, pD, 48);
			v128.store(gradient, dA);
			v128.store(gradient, dB, 16);
			v128.store(gradient, dC, 32);
			v128.store(gradient, dD, 48);
		} else {
			for (let at: usize = 0; at < (<usize>lanes) << 2; at += 16) {
				const score = f32x4.sub(v128.load(weights + at), reference);
				const p = exp2NonPositive4(score, bound, rounder, c5, c4, c3, c2, c1, c0);
				const dP = f32x4.sub(v128.load(gradient + at), mean);
				v128.store(weights + at, p);
				v128.store(gradient + at, f32x4.mul(f32x4.mul(p, factor), dP));
			}
		}
		weights += STRIP_STRIDE;
		gradient += STRIP_STRIDE;
		shift += 4;
		delta += 4;
	}
}
