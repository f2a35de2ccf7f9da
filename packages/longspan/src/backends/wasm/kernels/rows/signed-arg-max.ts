import { laneMask, loadLanes, maxLanes } from "../math/simd";

@unmanaged
class SignedArgMaxArguments {
	x!: usize;
	out!: usize;
	segments!: i32;
	/** Width of the first segment; those of the others follow. */
	widths!: i32;
}

/** Index of the first element equal to `value`, or -1. */
// @ts-ignore: decorator
@inline
function find(count: i32, x: usize, value: f32): i32 {
	const wanted = f32x4.splat(value);
	for (let i = 0; i < count; i += 4) {
		const lanes = min(4, count - i);
		const equal = f32x4.eq(loadLanes(x + ((<usize>i) << 2), lanes), wanted);
		const found = i32x4.bitmask(lanes == 4 ? equal : v128.and(equal, laneMask(lanes)));
		if (found != 0) return i + ctz(found);
	}
	return -1;
}

/** Index of the largest of [x, -x], the lowest where several are largest. */
function signedIndex(count: i32, x: usize): i32 {
	let largest = f32x4.splat(0);
	for (let i = 0; i < count; i += 4) {
		largest = f32x4.max(largest, f32x4.abs(loadLanes(x + ((<usize>i) << 2), min(4, count - i))));
	}
	const size = maxLanes(largest);
	const positive = find(count, x, size);
	if (positive >= 0) return positive;
	const negative = find(count, x, -size);
	return negative >= 0 ? count + negative : 0;
}

/** Items are rows. */
export function signedArgMax(args: usize, first: i32, last: i32): void {
	const a = changetype<SignedArgMaxArguments>(args);
	const widths = args + offsetof<SignedArgMaxArguments>("widths");
	let columns = 0;
	for (let s = 0; s < a.segments; s++) columns += load<i32>(widths + ((<usize>s) << 2));
	let x = a.x + ((<usize>first * <usize>columns) << 2);
	for (let row = first; row < last; row++) {
		let code = 0;
		let place = 1;
		for (let s = 0; s < a.segments; s++) {
			const width = load<i32>(widths + ((<usize>s) << 2));
			code += place * signedIndex(width, x);
			place *= 2 * width;
			x += (<usize>width) << 2;
		}
		store<i32>(a.out + ((<usize>row) << 2), code);
	}
}
