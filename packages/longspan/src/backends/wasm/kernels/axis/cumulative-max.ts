import { loadLanes, storeLanes } from "../math/simd";

@unmanaged
class CumulativeMaxArguments {
	x!: usize;
	out!: usize;
	length!: i32;
	inner!: i32;
}

/** Inclusive running maximum along the middle axis of [outer, length, inner]. Items are groups of four columns. */
export function cumulativeMax(args: usize, first: i32, last: i32): void {
	const a = changetype<CumulativeMaxArguments>(args);
	const groups = (a.inner + 3) / 4;
	const stride = <usize>a.inner << 2;
	for (let item = first; item < last; item++) {
		const outer = item / groups;
		const column = (item - outer * groups) * 4;
		const lanes = min(4, a.inner - column);
		const offset = ((<usize>outer) * <usize>a.length * <usize>a.inner + <usize>column) << 2;
		let x = a.x + offset;
		let out = a.out + offset;
		let largest = f32x4.splat(-Infinity);
		for (let t = 0; t < a.length; t++) {
			largest = f32x4.pmax(largest, loadLanes(x, lanes));
			storeLanes(out, largest, lanes);
			x += stride;
			out += stride;
		}
	}
}
