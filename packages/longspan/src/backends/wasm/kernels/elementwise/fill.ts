import { storePart } from "../math/simd";
import { Elementwise } from "./unary-code";

@unmanaged
class FillArguments {
	out!: usize;
	length!: i32;
	/** The value, of whichever type. */
	bits!: i32;
}

/** Items are blocks of `Elementwise.block` elements. */
export function fill(args: usize, first: i32, last: i32): void {
	const a = changetype<FillArguments>(args);
	const start = first * Elementwise.block;
	fillVector(min(last * Elementwise.block, a.length) - start, a.bits, a.out + ((<usize>start) << 2));
}

/** Writes the 32-bit value `bits` to `count` elements. */
export function fillVector(count: i32, bits: i32, out: usize): void {
	const value = i32x4.splat(bits);
	for (; count >= 8; count -= 8) {
		v128.store(out, value);
		v128.store(out, value, 16);
		out += 32;
	}
	if (count >= 4) {
		v128.store(out, value);
		out += 16;
		count -= 4;
	}
	if (count > 0) storePart(out, value, count);
}

@unmanaged
class ToFloatArguments {
	x!: usize;
	out!: usize;
	length!: i32;
}

/** int32 to float32. Items are blocks of `Elementwise.block` elements. */
export function toFloat(args: usize, first: i32, last: i32): void {
	const a = changetype<ToFloatArguments>(args);
	const start = first * Elementwise.block;
	let count = min(last * Elementwise.block, a.length) - start;
	let x = a.x + ((<usize>start) << 2);
	let out = a.out + ((<usize>start) << 2);
	for (; count >= 4; count -= 4) {
		v128.store(out, f32x4.convert_i32x4_s(v128.load(x)));
		x += 16;
		out += 16;
	}
	for (; count > 0; count--) {
		store<f32>(out, <f32>load<i32>(x));
		x += 4;
		out += 4;
	}
}
