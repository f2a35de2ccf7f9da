import { constant4 } from "./simd";

const MULTIPLIERS: usize = memory.data<u32>([0xd2511f53, 0xcd9e8d57]);
const FIRST_BLOCKS: usize = memory.data<i32>([0, 1, 2, 3], 16);
/** Steps of the key (a Weyl sequence). */
const KEY_STEP_0: i32 = <i32>0x9e3779b9;
const KEY_STEP_1: i32 = <i32>0xbb67ae85;

/** Key and the constant part of the counter. */
@unmanaged
export class PhiloxStream {
	key0!: i32;
	key1!: i32;
	counter1!: i32;
	counter2!: i32;
	counter3!: i32;
}

/**
 * Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011) for the four blocks from `block` on. Writes 16 words to
 * `out`: word w of the four blocks in lanes 0 to 3 of vector w.
 */
// @ts-ignore: decorator
@inline
export function philoxBlocks(stream: PhiloxStream, block: i32, out: usize): void {
	const multiplier0 = constant4(MULTIPLIERS, 0);
	const multiplier1 = constant4(MULTIPLIERS, 1);
	let c0 = i32x4.add(i32x4.splat(block), v128.load(FIRST_BLOCKS));
	let c1 = i32x4.splat(stream.counter1);
	let c2 = i32x4.splat(stream.counter2);
	let c3 = i32x4.splat(stream.counter3);
	let key0 = stream.key0;
	let key1 = stream.key1;
	for (let round = 0; round < 10; round++) {
		// 64-bit products of lanes 0 and 1, and of lanes 2 and 3.
		const first0 = i64x2.extmul_low_i32x4_u(c0, multiplier0);
		const second0 = i64x2.extmul_high_i32x4_u(c0, multiplier0);
		const first1 = i64x2.extmul_low_i32x4_u(c2, multiplier1);
		const second1 = i64x2.extmul_high_i32x4_u(c2, multiplier1);
		const high0 = v128.shuffle<i32>(first0, second0, 1, 3, 5, 7);
		const high1 = v128.shuffle<i32>(first1, second1, 1, 3, 5, 7);
		c0 = v128.xor(v128.xor(high1, c1), i32x4.splat(key0));
		c1 = v128.shuffle<i32>(first1, second1, 0, 2, 4, 6);
		c2 = v128.xor(v128.xor(high0, c3), i32x4.splat(key1));
		c3 = v128.shuffle<i32>(first0, second0, 0, 2, 4, 6);
		key0 += KEY_STEP_0;
		key1 += KEY_STEP_1;
	}
	v128.store(out, c0);
	v128.store(out, c1, 16);
	v128.store(out, c2, 32);
	v128.store(out, c3, 48);
}
