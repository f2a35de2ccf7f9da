import { sumRow, dotRow, sumSquaredDifferences } from "../axis/row-sums";
import { loadPart, storePart } from "../math/simd";

@unmanaged
class NormArguments {
	x!: usize;
	weight!: usize;
	/** 0 for RMSNorm, which has no mean either. */
	bias!: usize;
	mean!: usize;
	inverseDeviation!: usize;
	out!: usize;
	columns!: i32;
	epsilon!: f32;
}

/** (x - mean) * inverse * weight + bias. */
// @ts-ignore: decorator
@inline
function normalize(x: v128, weight: v128, bias: v128, mean: v128, inverse: v128): v128 {
	return f32x4.add(f32x4.mul(f32x4.mul(f32x4.sub(x, mean), inverse), weight), bias);
}

/** `hasBias` is constant wherever this is inlined. */
// @ts-ignore: decorator
@inline
function normalizeRow(hasBias: bool, count: i32, x: usize, weight: usize, bias: usize, mean: f32, inverse: f32, out: usize): void {
	const zero = f32x4.splat(0);
	const m = f32x4.splat(mean);
	const s = f32x4.splat(inverse);
	let at: usize = 0;
	for (; count >= 8; count -= 8) {
		const bias0 = hasBias ? v128.load(bias + at) : zero;
		const bias1 = hasBias ? v128.load(bias + at, 16) : zero;
		const first = normalize(v128.load(x + at), v128.load(weight + at), bias0, m, s);
		const second = normalize(v128.load(x + at, 16), v128.load(weight + at, 16), bias1, m, s);
		v128.store(out + at, first);
		v128.store(out + at, second, 16);
		at += 32;
	}
	if (count >= 4) {
		const bias0 = hasBias ? v128.load(bias + at) : zero;
		v128.store(out + at, normalize(v128.load(x + at), v128.load(weight + at), bias0, m, s));
		at += 16;
		count -= 4;
	}
	if (count > 0) {
		const bias0 = hasBias ? loadPart(bias + at, count) : zero;
		storePart(out + at, normalize(loadPart(x + at, count), loadPart(weight + at, count), bias0, m, s), count);
	}
}

/** LayerNorm or, without a bias, RMSNorm. Items are rows. */
export function norm(args: usize, first: i32, last: i32): void {
	const a = changetype<NormArguments>(args);
	const columns = a.columns;
	for (let row = first; row < last; row++) {
		const offset = ((<usize>row) * <usize>columns) << 2;
		const at = (<usize>row) << 2;
		const x = a.x + offset;
		const out = a.out + offset;
		if (a.bias != 0) {
			const mean = <f32>(sumRow(columns, x) / <f64>columns);
			const variance = sumSquaredDifferences(columns, x, mean) / <f64>columns;
			const inverse = <f32>(1 / Math.sqrt(variance + <f64>a.epsilon));
			store<f32>(a.mean + at, mean);
			store<f32>(a.inverseDeviation + at, inverse);
			normalizeRow(true, columns, x, a.weight, a.bias, mean, inverse, out);
		} else {
			const inverse = <f32>(1 / Math.sqrt(dotRow(columns, x, x) / <f64>columns + <f64>a.epsilon));
			store<f32>(a.inverseDeviation + at, inverse);
			normalizeRow(false, columns, x, a.weight, 0, 0, inverse, out);
		}
	}
}
