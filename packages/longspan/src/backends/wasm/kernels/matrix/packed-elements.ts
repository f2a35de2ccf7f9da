import { PackedFormat } from "./packed-format";

// Elements of packed matrices become floats. `format` is constant wherever these are inlined.
//
// A float16 whose bits are moved to those of a float32 lacks 112 in the exponent: it is multiplied by 2^112. There are no subnormal
// ones, which would be subnormal float32 at first and take a hundred times as long, and none of 31 in the exponent are special.

/** All bits of a float32 that a float16 has, and 2^112. */
const HALF: usize = memory.data<i32>([0x8fffe000, (127 + 112) << 23]);

/** Bytes of an element as a power of two. */
// @ts-ignore: decorator
@inline
export function elementShift(format: i32): usize {
	return format == PackedFormat.float32 ? 2 : format == PackedFormat.int8 ? 0 : 1;
}

/** Constants of the conversion of float16, to be loaded once before a loop. */
// @ts-ignore: decorator
@inline
export function halfBits(): v128 {
	return v128.load32_splat(HALF);
}

// @ts-ignore: decorator
@inline
export function halfPower(): v128 {
	return v128.load32_splat(HALF, 4);
}

/** Four float16, sign-extended to words each, as floats. */
// @ts-ignore: decorator
@inline
function fromHalf(x: v128, bits: v128, power: v128): v128 {
	return f32x4.mul(v128.and(i32x4.shl(x, 13), bits), power);
}

/** Eight elements as stored (of float32, the first four). */
// @ts-ignore: decorator
@inline
export function loadEight(format: i32, address: usize): v128 {
	return format == PackedFormat.int8 ? v128.load_ext<i8>(address) : v128.load(address);
}

/** The first four of eight elements that `loadEight` read from `address`. */
// @ts-ignore: decorator
@inline
export function firstFour(format: i32, eight: v128, bits: v128, power: v128): v128 {
	if (format == PackedFormat.float32) return eight;
	if (format == PackedFormat.int8) return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(eight));
	if (format == PackedFormat.float16)
		return fromHalf(i32x4.extend_low_i16x8_s(eight), bits, power);
	return v128.shuffle<i16>(f32x4.splat(0), eight, 0, 8, 1, 9, 2, 10, 3, 11);
}

/** The other four. */
// @ts-ignore: decorator
@inline
export function otherFour(format: i32, address: usize, eight: v128, bits: v128, power: v128): v128 {
	if (format == PackedFormat.float32) return v128.load(address, 16);
	if (format == PackedFormat.int8) return f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(eight));
	if (format == PackedFormat.float16)
		return fromHalf(i32x4.extend_high_i16x8_s(eight), bits, power);
	return v128.shuffle<i16>(f32x4.splat(0), eight, 4, 12, 5, 13, 6, 14, 7, 15);
}

/** `count` elements, a multiple of 8, as floats. */
// @ts-ignore: decorator
@inline
function expand(format: i32, count: i32, source: usize, target: usize): void {
	const bits = halfBits();
	const power = halfPower();
	for (; count > 0; count -= 8) {
		const eight = loadEight(format, source);
		v128.store(target, firstFour(format, eight, bits, power));
		v128.store(target, otherFour(format, source, eight, bits, power), 16);
		source += <usize>8 << elementShift(format);
		target += 32;
	}
}

function expandHalf(count: i32, source: usize, target: usize): void {
	expand(PackedFormat.float16, count, source, target);
}

function expandBrain(count: i32, source: usize, target: usize): void {
	expand(PackedFormat.bfloat16, count, source, target);
}

function expandBytes(count: i32, source: usize, target: usize): void {
	expand(PackedFormat.int8, count, source, target);
}

/** `count` elements, a multiple of 8, of a format other than float32, as floats, without the factors of rows. */
export function expandElements(format: i32, count: i32, source: usize, target: usize): void {
	if (format == PackedFormat.float16) expandHalf(count, source, target);
	else if (format == PackedFormat.bfloat16) expandBrain(count, source, target);
	else expandBytes(count, source, target);
}

/** One element, without the factor of its row. */
// @ts-ignore: decorator
@inline
export function loadElement(format: i32, address: usize): f32 {
	if (format == PackedFormat.float32) return load<f32>(address);
	if (format == PackedFormat.int8) return <f32>load<i8>(address);
	const element = load<u16>(address);
	if (format == PackedFormat.bfloat16) return reinterpret<f32>(<u32>element << 16);
	const magnitude = reinterpret<f32>((<u32>element & 0x7fff) << 13) * load<f32>(HALF, 4);
	return element & 0x8000 ? -magnitude : magnitude;
}

/**
 * Rounds value / scale, half to even, and stores it. The scale of a row of float16 is a power of two that brings its largest magnitude
 * to 2^15 or more; what is then below 2^-14 becomes 0. That of the other formats but int8 is 1.
 */
// @ts-ignore: decorator
@inline
export function storeElement(format: i32, address: usize, value: f32, scale: f32): void {
	if (format == PackedFormat.int8) {
		store<i8>(address, scale == 0 ? 0 : <i8>max<f32>(-127, min<f32>(127, nearest(value / scale))));
	} else if (format == PackedFormat.bfloat16) {
		const bits = reinterpret<u32>(value);
		store<u16>(address, <u16>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16));
	} else {
		const bits = reinterpret<u32>(value / scale);
		const m = bits & 0x7fffffff;
		const half = m < 113 << 23 ? 0 : (m - (112 << 23) + 0xfff + ((m >> 13) & 1)) >> 13;
		store<u16>(address, <u16>(half | ((bits >> 16) & 0x8000)));
	}
}

/** What the rows of a format are divided by, from their largest magnitude. */
// @ts-ignore: decorator
@inline
export function scaleOf(format: i32, largest: f32): f32 {
	if (format == PackedFormat.int8) return largest / 127;
	// The exponent of the largest less 15, but that of a normal number.
	return reinterpret<f32>(max<i32>((reinterpret<i32>(largest) >> 23) - 15, 1) << 23);
}
