import { laneMask, loadLanes, madd, storeLanes, sumLanes } from "../math/simd";

@unmanaged
class NormGradientArguments {
	x!: usize;
	weight!: usize;
	/** 0 for RMSNorm. */
	mean!: usize;
	inverseDeviation!: usize;
	dy!: usize;
	dx!: usize;
	/** [blocks, columns], the weight gradient of each block of rows; behind it the same of the bias, except for RMSNorm. */
	partials!: usize;
	rows!: i32;
	columns!: i32;
	rowsPerBlock!: i32;
	blocks!: i32;
}

/** Sums over a row of dy * weight and of that times the normalised x. */
let sumOfGradients: f64 = 0;
let sumOfProducts: f64 = 0;

/** Vectors that are added in float32 before the sums go on in float64. */
const VECTORS = 32;

function sumGradients(count: i32, x: usize, weight: usize, dy: usize, mean: f32, inverse: f32): void {
	const m = f32x4.splat(mean);
	const s = f32x4.splat(inverse);
	sumOfGradients = 0;
	sumOfProducts = 0;
	let gradients = f32x4.splat(0);
	let products = gradients;
	let at: usize = 0;
	for (let vectors = 0; count > 0; count -= 4) {
		const lanes = min(4, count);
		const dys = loadLanes(dy + at, lanes);
		const xs = loadLanes(x + at, lanes);
		// Zero in the lanes that are not there.
		const g = f32x4.mul(dys, loadLanes(weight + at, lanes));
		const product = f32x4.mul(g, f32x4.mul(f32x4.sub(xs, m), s));
		gradients = f32x4.add(gradients, g);
		products = f32x4.add(products, lanes == 4 ? product : v128.and(product, laneMask(lanes)));
		at += 16;
		if (++vectors == VECTORS || count <= 4) {
			sumOfGradients += <f64>sumLanes(gradients);
			sumOfProducts += <f64>sumLanes(products);
			gradients = f32x4.splat(0);
			products = gradients;
			vectors = 0;
		}
	}
}

/** One vector of a row: writes dx and adds to the gradients of weight and bias. */
// @ts-ignore: decorator
@inline
function step(a: NormGradientArguments, offset: usize, at: usize, dWeight: usize, dBias: usize, lanes: i32, m: v128, s: v128, meanG: v128, meanP: v128): void {
	const dy = loadLanes(a.dy + offset + at, lanes);
	const x = loadLanes(a.x + offset + at, lanes);
	const weight = loadLanes(a.weight + at, lanes);
	const normalized = f32x4.mul(f32x4.sub(x, m), s);
	const centered = f32x4.sub(madd(dy, weight, meanG), f32x4.mul(normalized, meanP));
	const dx = f32x4.mul(s, centered);
	const w = madd(dy, normalized, loadLanes(dWeight + at, lanes));
	storeLanes(a.dx + offset + at, dx, lanes);
	storeLanes(dWeight + at, w, lanes);
	if (dBias != 0) storeLanes(dBias + at, f32x4.add(dy, loadLanes(dBias + at, lanes)), lanes);
}

/**
 * dx = inverse * (g - mean(g) - normalised mean(g normalised)) with g = dy * weight; RMSNorm lacks mean(g). Items are
 * blocks of rows.
 */
export function normGradient(args: usize, first: i32, last: i32): void {
	const a = changetype<NormGradientArguments>(args);
	const columns = a.columns;
	const rowBytes = (<usize>columns) << 2;
	const isLayerNorm = a.mean != 0;
	for (let block = first; block < last; block++) {
		const dWeight = a.partials + <usize>block * rowBytes;
		const dBias = isLayerNorm ? dWeight + <usize>a.blocks * rowBytes : 0;
		memory.fill(dWeight, 0, rowBytes);
		if (isLayerNorm) memory.fill(dBias, 0, rowBytes);
		const end = min((block + 1) * a.rowsPerBlock, a.rows);
		for (let row = block * a.rowsPerBlock; row < end; row++) {
			const offset = <usize>row * rowBytes;
			const mean: f32 = isLayerNorm ? load<f32>(a.mean + ((<usize>row) << 2)) : 0;
			const inverse = load<f32>(a.inverseDeviation + ((<usize>row) << 2));
			sumGradients(columns, a.x + offset, a.weight, a.dy + offset, mean, inverse);
			const m = f32x4.splat(mean);
			const s = f32x4.splat(inverse);
			const minusMeanGradient = f32x4.splat(isLayerNorm ? <f32>(-sumOfGradients / <f64>columns) : 0);
			const meanProduct = f32x4.splat(<f32>(sumOfProducts / <f64>columns));
			let column = 0;
			for (; column + 8 <= columns; column += 8) {
				const at = (<usize>column) << 2;
				step(a, offset, at, dWeight, dBias, 4, m, s, minusMeanGradient, meanProduct);
				step(a, offset, at + 16, dWeight, dBias, 4, m, s, minusMeanGradient, meanProduct);
			}
			for (; column < columns; column += 4) {
				step(a, offset, (<usize>column) << 2, dWeight, dBias, min(4, columns - column), m, s, minusMeanGradient, meanProduct);
			}
		}
	}
}
