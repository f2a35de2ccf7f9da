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

/** The upper words of the 64-bit products in two vectors. */
// @ts-ignore: decorator
@inline
function upper(first: v128, second: v128): v128 {
	return v128.shuffle<i32>(first, second, 1, 3, 5, 7);
}

/** The lower words. */
// @ts-ignore: decorator
@inline
function lower(first: v128, second: v128): v128 {
	return v128.shuffle<i32>(first, second, 0, 2, 4, 6);
}

/**
 * Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011) for the eight blocks from `block` on. Writes 32
 * words to `out`: word w of the first four blocks in lanes 0 to 3 of vector w, then those of the other four likewise. Two
 * chains of dependent products at once keep the processor busy.
 */
export function philoxBlocks(stream: PhiloxStream, block: i32, out: usize): void {
	const multiplier0 = constant4(MULTIPLIERS, 0);
	const multiplier1 = constant4(MULTIPLIERS, 1);
	let a0 = i32x4.add(i32x4.splat(block), v128.load(FIRST_BLOCKS));
	let a1 = i32x4.splat(stream.counter1);
	let a2 = i32x4.splat(stream.counter2);
	let a3 = i32x4.splat(stream.counter3);
	let b0 = i32x4.add(i32x4.splat(block + 4), v128.load(FIRST_BLOCKS));
	let b1 = a1;
	let b2 = a2;
	let b3 = a3;
	let key0 = stream.key0;
	let key1 = stream.key1;
	for (let round = 0; round < 10; round++) {
		const k0 = i32x4.splat(key0);
		const k1 = i32x4.splat(key1);
		const aFirst0 = i64x2.extmul_low_i32x4_u(a0, multiplier0);
		const aSecond0 = i64x2.extmul_high_i32x4_u(a0, multiplier0);
		const aFirst1 = i64x2.extmul_low_i32x4_u(a2, multiplier1);
		const aSecond1 = i64x2.extmul_high_i32x4_u(a2, multiplier1);
		a0 = v128.xor(v128.xor(upper(aFirst1, aSecond1), a1), k0);
		a1 = lower(aFirst1, aSecond1);
		a2 = v128.xor(v128.xor(upper(aFirst0, aSecond0), a3), k1);
		a3 = lower(aFirst0, aSecond0);
		const bFirst0 = i64x2.extmul_low_i32x4_u(b0, multiplier0);
		const bSecond0 = i64x2.extmul_high_i32x4_u(b0, multiplier0);
		const bFirst1 = i64x2.extmul_low_i32x4_u(b2, multiplier1);
		const bSecond1 = i64x2.extmul_high_i32x4_u(b2, multiplier1);
		b0 = v128.xor(v128.xor(upper(bFirst1, bSecond1), b1), k0);
		b1 = lower(bFirst1, bSecond1);
		b2 = v128.xor(v128.xor(upper(bFirst0, bSecond0), b3), k1);
		b3 = lower(bFirst0, bSecond0);
		key0 += KEY_STEP_0;
		key1 += KEY_STEP_1;
	}
	v128.store(out, a0);
	v128.store(out, a1, 16);
	v128.store(out, a2, 32);
	v128.store(out, a3, 48);
	v128.store(out, b0, 64);
	v128.store(out, b1, 80);
	v128.store(out, b2, 96);
	v128.store(out, b3, 112);
}
