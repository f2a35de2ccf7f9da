import { MatmulArguments } from "./matmul-arguments";
import { scratch } from "../runtime/scratch";
import { loadLanes, madd, storeLanes } from "../math/simd";
import { scaleAndAdd } from "../math/vectors";

/** target += four rows, each times its factor. */
function addFourRows(columns: i32, factors: usize, rows: usize, rowStride: usize, target: usize): void {
	const f0 = v128.load32_splat(factors);
	const f1 = v128.load32_splat(factors, 4);
	const f2 = v128.load32_splat(factors, 8);
	const f3 = v128.load32_splat(factors, 12);
	let r0 = rows;
	let r1 = r0 + rowStride;
	let r2 = r1 + rowStride;
	let r3 = r2 + rowStride;
	for (; columns >= 8; columns -= 8) {
		let low = madd(f0, v128.load(r0), v128.load(target));
		let high = madd(f0, v128.load(r0, 16), v128.load(target, 16));
		low = madd(f1, v128.load(r1), low);
		high = madd(f1, v128.load(r1, 16), high);
		low = madd(f2, v128.load(r2), low);
		high = madd(f2, v128.load(r2, 16), high);
		low = madd(f3, v128.load(r3), low);
		high = madd(f3, v128.load(r3, 16), high);
		v128.store(target, low);
		v128.store(target, high, 16);
		r0 += 32;
		r1 += 32;
		r2 += 32;
		r3 += 32;
		target += 32;
	}
	for (; columns > 0; columns -= 4) {
		const lanes = min(4, columns);
		let sum = madd(f0, loadLanes(r0, lanes), loadLanes(target, lanes));
		sum = madd(f1, loadLanes(r1, lanes), sum);
		sum = madd(f2, loadLanes(r2, lanes), sum);
		sum = madd(f3, loadLanes(r3, lanes), sum);
		storeLanes(target, sum, lanes);
		r0 += 16;
		r1 += 16;
		r2 += 16;
		r3 += 16;
		target += 16;
	}
}

/** One item: columns of a row vector times a matrix whose rows are read in order, four at a time, as memory likes best. */
export function multiplyRow(args: MatmulArguments, batch: i32, firstColumn: i32, columns: i32): void {
	const stride = <usize>args.n << 2;
	const sum = scratch() + args.sums;
	const out = args.out + <usize>batch * stride + (<usize>firstColumn << 2);
	let a = args.a + <usize>batch * args.aBatchStride;
	let b = args.b + <usize>batch * args.bBatchStride + (<usize>firstColumn << 2);
	memory.fill(out, 0, <usize>columns << 2);
	for (let t = 0; t < args.k; t += args.depthBlock) {
		memory.fill(sum, 0, <usize>columns << 2);
		let rows = min(args.depthBlock, args.k - t);
		for (; rows >= 4; rows -= 4) {
			addFourRows(columns, a, b, stride, sum);
			a += 16;
			b += 4 * stride;
		}
		for (; rows > 0; rows--) {
			scaleAndAdd(columns, load<f32>(a), b, sum, sum);
			a += 4;
			b += stride;
		}
		scaleAndAdd(columns, 1, sum, out, out);
	}
}
