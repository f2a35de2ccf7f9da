import { exp4 } from "../math/exponential";
import { fillVector } from "../elementwise/fill";
import { logSum, maximum, sumRowExponentials } from "../math/log-sum-exp";
import { loadLanes, storeLanes } from "../math/simd";

@unmanaged
class CrossEntropyArguments {
	logits!: usize;
	targets!: usize;
	loss!: usize;
	logSumExp!: usize;
	classes!: i32;
	ignoreIndex!: i32;
}

/** Items are rows. */
export function crossEntropy(args: usize, first: i32, last: i32): void {
	const a = changetype<CrossEntropyArguments>(args);
	for (let row = first; row < last; row++) {
		const logits = a.logits + (((<usize>row) * <usize>a.classes) << 2);
		const at = (<usize>row) << 2;
		const target = load<i32>(a.targets + at);
		sumRowExponentials(a.classes, logits);
		store<f32>(a.logSumExp + at, maximum + logSum);
		let loss: f32 = 0;
		if (target != a.ignoreIndex) loss = maximum - load<f32>(logits + ((<usize>target) << 2)) + logSum;
		store<f32>(a.loss + at, loss);
	}
}

@unmanaged
class CrossEntropyGradientArguments {
	logits!: usize;
	targets!: usize;
	logSumExp!: usize;
	dLoss!: usize;
	dLogits!: usize;
	classes!: i32;
	ignoreIndex!: i32;
}

/** out = factor * e^(x - shift). */
function scaledExponentials(count: i32, x: usize, shift: f32, factor: f32, out: usize): void {
	const s = f32x4.splat(shift);
	const f = f32x4.splat(factor);
	for (; count >= 8; count -= 8) {
		const first = f32x4.mul(f, exp4(f32x4.sub(v128.load(x), s)));
		const second = f32x4.mul(f, exp4(f32x4.sub(v128.load(x, 16), s)));
		v128.store(out, first);
		v128.store(out, second, 16);
		x += 32;
		out += 32;
	}
	for (; count > 0; count -= 4) {
		const lanes = min(4, count);
		const value = f32x4.mul(f, exp4(f32x4.sub(loadLanes(x, lanes), s)));
		storeLanes(out, value, lanes);
		x += 16;
		out += 16;
	}
}

/** Items are rows. */
export function crossEntropyGradient(args: usize, first: i32, last: i32): void {
	const a = changetype<CrossEntropyGradientArguments>(args);
	for (let row = first; row < last; row++) {
		const offset = ((<usize>row) * <usize>a.classes) << 2;
		const at = (<usize>row) << 2;
		const dLogits = a.dLogits + offset;
		const target = load<i32>(a.targets + at);
		if (target == a.ignoreIndex) {
			fillVector(a.classes, 0, dLogits);
			continue;
		}
		const dLoss = load<f32>(a.dLoss + at);
		scaledExponentials(a.classes, a.logits + offset, load<f32>(a.logSumExp + at), dLoss, dLogits);
		const own = dLogits + ((<usize>target) << 2);
		store<f32>(own, load<f32>(own) - dLoss);
	}
}
