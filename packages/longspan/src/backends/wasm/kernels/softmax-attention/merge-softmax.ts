import { loadPart, madd, storePart, sumLanes } from "../math/simd";

@unmanaged
class MergeArguments {
	aOutput!: usize;
	aLogSumExp!: usize;
	bOutput!: usize;
	bLogSumExp!: usize;
	output!: usize;
	logSumExp!: usize;
	width!: i32;
}

/** e^(part - total), and 0 for a part that saw nothing, whose difference from an empty total would be NaN. */
function weightOf(part: f32, total: f32): f32 {
	return part == -Infinity ? 0 : <f32>Math.exp(<f64>part - <f64>total);
}

/** log(e^a + e^b) */
function logAdd(a: f32, b: f32): f32 {
	const high = max(a, b);
	if (high == -Infinity) return high;
	return high + <f32>Math.log1p(Math.exp(<f64>min(a, b) - <f64>high));
}

/** Items are rows. */
export function mergeSoftmax(args: usize, first: i32, last: i32): void {
	const t = changetype<MergeArguments>(args);
	const width = t.width;
	for (let row = first; row < last; row++) {
		const scalar = (<usize>row) << 2;
		const a = load<f32>(t.aLogSumExp + scalar);
		const b = load<f32>(t.bLogSumExp + scalar);
		const total = logAdd(a, b);
		store<f32>(t.logSumExp + scalar, total);
		const p = f32x4.splat(weightOf(a, total));
		const q = f32x4.splat(weightOf(b, total));
		const start = ((<usize>row) * <usize>width) << 2;
		let i = 0;
		for (; i + 4 <= width; i += 4) {
			const at = start + ((<usize>i) << 2);
			v128.store(t.output + at, madd(v128.load(t.aOutput + at), p, f32x4.mul(v128.load(t.bOutput + at), q)));
		}
		if (i < width) {
			const at = start + ((<usize>i) << 2);
			const rest = width - i;
			storePart(t.output + at, madd(loadPart(t.aOutput + at, rest), p, f32x4.mul(loadPart(t.bOutput + at, rest), q)), rest);
		}
	}
}

@unmanaged
class MergeGradientArguments {
	partOutput!: usize;
	partLogSumExp!: usize;
	output!: usize;
	logSumExp!: usize;
	dOutput!: usize;
	/** 0 for none. */
	dLogSumExp!: usize;
	dPartOutput!: usize;
	dPartLogSumExp!: usize;
	width!: i32;
}

/** Items are rows. */
export function mergeSoftmaxGradient(args: usize, first: i32, last: i32): void {
	const t = changetype<MergeGradientArguments>(args);
	const width = t.width;
	for (let row = first; row < last; row++) {
		const scalar = (<usize>row) << 2;
		const weight = weightOf(load<f32>(t.partLogSumExp + scalar), load<f32>(t.logSumExp + scalar));
		const w = f32x4.splat(weight);
		const start = ((<usize>row) * <usize>width) << 2;
		let products = f32x4.splat(0);
		let i = 0;
		for (; i + 4 <= width; i += 4) {
			const at = start + ((<usize>i) << 2);
			const dy = v128.load(t.dOutput + at);
			v128.store(t.dPartOutput + at, f32x4.mul(dy, w));
			products = madd(dy, f32x4.sub(v128.load(t.partOutput + at), v128.load(t.output + at)), products);
		}
		if (i < width) {
			const at = start + ((<usize>i) << 2);
			const rest = width - i;
			const dy = loadPart(t.dOutput + at, rest);
			storePart(t.dPartOutput + at, f32x4.mul(dy, w), rest);
			products = madd(dy, f32x4.sub(loadPart(t.partOutput + at, rest), loadPart(t.output + at, rest)), products);
		}
		const direct: f32 = t.dLogSumExp ? load<f32>(t.dLogSumExp + scalar) : 0;
		store<f32>(t.dPartLogSumExp + scalar, weight == 0 ? 0 : weight * (direct + sumLanes(products)));
	}
}
