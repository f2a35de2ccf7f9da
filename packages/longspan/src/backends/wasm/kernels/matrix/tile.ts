import { loadLanes, madd, storeLanes } from "../math/simd";

/**
 * V8's TurboFan (Node 20 and 22) moves all loads of a basic block before its arithmetic, so that the tile would need more registers
 * than there are and lose a third of its speed. A test after the third row that never succeeds (`depth` is positive there) splits
 * the block; 5 x 8 is the largest tile that then fits. The revectoriser needs one whole block, and its compiler keeps our order.
 */
const SPLIT_BLOCK: bool = !isDefined(TURBO);

/** Writes or adds one row of a register tile. */
// @ts-ignore: decorator
@inline
function storeRow(vectors: i32, lanes: i32, c: usize, accumulate: bool, c0: v128, c1: v128, c2: v128, c3: v128): void {
	if (accumulate) {
		c0 = f32x4.add(loadLanes(c, lanes), c0);
		if (vectors > 1) c1 = f32x4.add(v128.load(c, 16), c1);
		if (vectors > 2) c2 = f32x4.add(v128.load(c, 32), c2);
		if (vectors > 2) c3 = f32x4.add(v128.load(c, 48), c3);
	}
	storeLanes(c, c0, lanes);
	if (vectors > 1) v128.store(c, c1, 16);
	if (vectors > 2) v128.store(c, c2, 32);
	if (vectors > 2) v128.store(c, c3, 48);
}

/**
 * C (+)= A B for one register tile of `rows` (1, 2, 4, 5 or 6) by 16, 8, 4 or fewer columns: `vectors` (4, 2 or 1) of four lanes, of which
 * a single one may have fewer. Always inlined with these three constant, so that the unused accumulators vanish. Strides in bytes.
 */
// @ts-ignore: decorator
@inline
export function tile(
	rows: i32,
	vectors: i32,
	lanes: i32,
	depth: i32,
	a: usize,
	aRowStride: usize,
	aDepthStride: usize,
	b: usize,
	bDepthStride: usize,
	c: usize,
	cRowStride: usize,
	accumulate: bool,
): void {
	const zero = f32x4.splat(0);
	let c00 = zero, c01 = zero, c02 = zero, c03 = zero;
	let c10 = zero, c11 = zero, c12 = zero, c13 = zero;
	let c20 = zero, c21 = zero, c22 = zero, c23 = zero;
	let c30 = zero, c31 = zero, c32 = zero, c33 = zero;
	let c40 = zero, c41 = zero, c42 = zero, c43 = zero;
	let c50 = zero, c51 = zero, c52 = zero, c53 = zero;
	let a0 = a;
	let a1 = a0 + aRowStride;
	let a2 = a1 + aRowStride;
	let a3 = a2 + aRowStride;
	let a4 = a3 + aRowStride;
	let a5 = a4 + aRowStride;
	const bEnd = b + <usize>depth * bDepthStride;
	if (depth > 0) do {
		const b0 = loadLanes(b, lanes);
		const b1 = vectors > 1 ? v128.load(b, 16) : zero;
		const b2 = vectors > 2 ? v128.load(b, 32) : zero;
		const b3 = vectors > 2 ? v128.load(b, 48) : zero;
		b += bDepthStride;
		const x0 = v128.load32_splat(a0);
		a0 += aDepthStride;
		c00 = madd(x0, b0, c00);
		if (vectors > 1) c01 = madd(x0, b1, c01);
		if (vectors > 2) c02 = madd(x0, b2, c02);
		if (vectors > 2) c03 = madd(x0, b3, c03);
		if (rows > 1) {
			const x1 = v128.load32_splat(a1);
			a1 += aDepthStride;
			c10 = madd(x1, b0, c10);
			if (vectors > 1) c11 = madd(x1, b1, c11);
			if (vectors > 2) c12 = madd(x1, b2, c12);
			if (vectors > 2) c13 = madd(x1, b3, c13);
		}
		if (rows > 2) {
			const x2 = v128.load32_splat(a2);
			a2 += aDepthStride;
			c20 = madd(x2, b0, c20);
			if (vectors > 1) c21 = madd(x2, b1, c21);
			if (vectors > 2) c22 = madd(x2, b2, c22);
			if (vectors > 2) c23 = madd(x2, b3, c23);
		}
		if (rows > 2) {
			if (SPLIT_BLOCK && depth == 0) break;
			const x3 = v128.load32_splat(a3);
			a3 += aDepthStride;
			c30 = madd(x3, b0, c30);
			if (vectors > 1) c31 = madd(x3, b1, c31);
			if (vectors > 2) c32 = madd(x3, b2, c32);
			if (vectors > 2) c33 = madd(x3, b3, c33);
		}
		if (rows > 4) {
			const x4 = v128.load32_splat(a4);
			a4 += aDepthStride;
			c40 = madd(x4, b0, c40);
			if (vectors > 1) c41 = madd(x4, b1, c41);
			if (vectors > 2) c42 = madd(x4, b2, c42);
			if (vectors > 2) c43 = madd(x4, b3, c43);
		}
		if (rows > 5) {
			const x5 = v128.load32_splat(a5);
			a5 += aDepthStride;
			c50 = madd(x5, b0, c50);
			if (vectors > 1) c51 = madd(x5, b1, c51);
			if (vectors > 2) c52 = madd(x5, b2, c52);
			if (vectors > 2) c53 = madd(x5, b3, c53);
		}
	} while (b != bEnd);
	storeRow(vectors, lanes, c, accumulate, c00, c01, c02, c03);
	if (rows > 1) storeRow(vectors, lanes, c + cRowStride, accumulate, c10, c11, c12, c13);
	if (rows > 2) storeRow(vectors, lanes, c + 2 * cRowStride, accumulate, c20, c21, c22, c23);
	if (rows > 2) storeRow(vectors, lanes, c + 3 * cRowStride, accumulate, c30, c31, c32, c33);
	if (rows > 4) storeRow(vectors, lanes, c + 4 * cRowStride, accumulate, c40, c41, c42, c43);
	if (rows > 5) storeRow(vectors, lanes, c + 5 * cRowStride, accumulate, c50, c51, c52, c53);
}
