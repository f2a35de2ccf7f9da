import { finishBlock } from "./finish-block";
import { MatmulArguments } from "./matmul-arguments";
import { loadPart, madd, sumLanes } from "../math/simd";
import { dot } from "../math/vectors";

/** Depth after which partial sums are added up: long sums stay exact enough. */
const DOT_DEPTH: i32 = 1024;

/** sum of the lanes + x·y for `count` (0 to 3) more elements */
// @ts-ignore: decorator
@inline
function finish(lanes: v128, count: i32, x: usize, y: usize): f32 {
	const sum = sumLanes(lanes);
	return count > 0 ? sum + sumLanes(f32x4.mul(loadPart(x, count), loadPart(y, count))) : sum;
}

/** out += x·y for one row x and four rows y, `stride` bytes apart. */
function addFourDots(depth: i32, x: usize, y: usize, stride: usize, out: usize): void {
	let s0 = f32x4.splat(0);
	let s1 = s0;
	let s2 = s0;
	let s3 = s0;
	let y1 = y + stride;
	let y2 = y1 + stride;
	let y3 = y2 + stride;
	for (; depth >= 4; depth -= 4) {
		const v = v128.load(x);
		s0 = madd(v, v128.load(y), s0);
		s1 = madd(v, v128.load(y1), s1);
		s2 = madd(v, v128.load(y2), s2);
		s3 = madd(v, v128.load(y3), s3);
		x += 16;
		y += 16;
		y1 += 16;
		y2 += 16;
		y3 += 16;
	}
	store<f32>(out, load<f32>(out) + finish(s0, depth, x, y));
	store<f32>(out, load<f32>(out, 4) + finish(s1, depth, x, y1), 4);
	store<f32>(out, load<f32>(out, 8) + finish(s2, depth, x, y2), 8);
	store<f32>(out, load<f32>(out, 12) + finish(s3, depth, x, y3), 12);
}

function addDot(depth: i32, x: usize, y: usize, out: usize): void {
	store<f32>(out, load<f32>(out) + dot(depth, x, y));
}

/** One item: a block of one product whose rows of a and of b (stored transposed) are both contiguous. Rows of b are read once. */
export function multiplyDots(args: MatmulArguments, batch: i32, firstRow: i32, rows: i32, firstColumn: i32, columns: i32): void {
	const stride = <usize>args.k << 2;
	const n = <usize>args.n;
	const a = args.a + <usize>batch * args.aBatchStride + <usize>firstRow * stride;
	const b = args.b + <usize>batch * args.bBatchStride + <usize>firstColumn * stride;
	const out = args.out + (((<usize>batch * <usize>args.m + <usize>firstRow) * n + <usize>firstColumn) << 2);
	for (let row: usize = 0; row < <usize>rows; row++) memory.fill(out + ((row * n) << 2), 0, <usize>columns << 2);
	for (let column = 0; column < columns; column += 4) {
		const width = min(4, columns - column);
		for (let t = 0; t < args.k; t += DOT_DEPTH) {
			const depth = min(DOT_DEPTH, args.k - t);
			const offset = <usize>t << 2;
			const y = b + <usize>column * stride + offset;
			for (let row: usize = 0; row < <usize>rows; row++) {
				const x = a + row * stride + offset;
				const z = out + ((row * n + <usize>column) << 2);
				if (width == 4) addFourDots(depth, x, y, stride, z);
				else for (let i: usize = 0; i < <usize>width; i++) addDot(depth, x, y + i * stride, z + (i << 2));
			}
		}
	}
	finishBlock(args, out, rows, firstColumn, columns);
}
