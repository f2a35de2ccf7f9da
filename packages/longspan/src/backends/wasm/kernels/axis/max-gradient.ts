import { loadLanes, storeLanes } from "../math/simd";

@unmanaged
class MaxGradientArguments {
	x!: usize;
	y!: usize;
	dy!: usize;
	dx!: usize;
	length!: i32;
	inner!: i32;
}

/** The gradient of one maximum over a contiguous row. */
function rowGradient(count: i32, x: usize, y: f32, dy: f32, dx: usize): void {
	const maximum = f32x4.splat(y);
	let matches = i32x4.splat(0);
	let i = 0;
	for (; i + 4 <= count; i += 4) {
		matches = i32x4.sub(matches, f32x4.eq(v128.load(x + ((<usize>i) << 2)), maximum));
	}
	let ties = i32x4.extract_lane(matches, 0) + i32x4.extract_lane(matches, 1) + i32x4.extract_lane(matches, 2) + i32x4.extract_lane(matches, 3);
	for (let j = i; j < count; j++) ties += i32(load<f32>(x + ((<usize>j) << 2)) == y);
	const share = dy / <f32>ties;
	for (i = 0; i + 4 <= count; i += 4) {
		const at = (<usize>i) << 2;
		v128.store(dx + at, v128.and(f32x4.eq(v128.load(x + at), maximum), f32x4.splat(share)));
	}
	for (; i < count; i++) {
		const at = (<usize>i) << 2;
		store<f32>(dx + at, load<f32>(x + at) == y ? share : 0);
	}
}

/** Up to four columns whose rows are `stride` bytes apart. */
function columnGradient(rows: i32, lanes: i32, stride: usize, x: usize, y: usize, dy: usize, dx: usize): void {
	const maximum = loadLanes(y, lanes);
	let ties = i32x4.splat(0);
	let at: usize = 0;
	for (let row = 0; row < rows; row++) {
		ties = i32x4.sub(ties, f32x4.eq(loadLanes(x + at, lanes), maximum));
		at += stride;
	}
	const share = f32x4.div(loadLanes(dy, lanes), f32x4.convert_i32x4_s(ties));
	at = 0;
	for (let row = 0; row < rows; row++) {
		const value = v128.and(f32x4.eq(loadLanes(x + at, lanes), maximum), share);
		storeLanes(dx + at, value, lanes);
		at += stride;
	}
}

/** Items are rows, or groups of four columns if the axis is not the last. */
export function maxGradient(args: usize, first: i32, last: i32): void {
	const a = changetype<MaxGradientArguments>(args);
	const inner = a.inner;
	const groups = (inner + 3) / 4;
	for (let item = first; item < last; item++) {
		const outer = item / groups;
		const column = (item - outer * groups) * 4;
		const short = (((<usize>outer) * <usize>inner + <usize>column) << 2);
		const long = (((<usize>outer) * <usize>a.length * <usize>inner + <usize>column) << 2);
		if (inner == 1) rowGradient(a.length, a.x + long, load<f32>(a.y + short), load<f32>(a.dy + short), a.dx + long);
		else columnGradient(a.length, min(4, inner - column), (<usize>inner) << 2, a.x + long, a.y + short, a.dy + short, a.dx + long);
	}
}
