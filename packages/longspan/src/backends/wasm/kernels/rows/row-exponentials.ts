import { expNonPositive4 } from "../math/exponential";
import { laneMask, loadLanes, storeLanes, sumLanes } from "../math/simd";

/** Pairs of vectors whose exponentials are added in float32 before the sum goes on in float64. */
const PAIRS = 16;

/** Sum of e^(x - maximum); `stores` is constant: whether it also writes them. */
// @ts-ignore: decorator
@inline
function exponentials(stores: bool, count: i32, x: usize, maximum: f32, out: usize): f64 {
	const m = f32x4.splat(maximum);
	let total: f64 = 0;
	while (count >= 8) {
		let pairs = min(count >> 3, PAIRS);
		count -= pairs << 3;
		let sum0 = f32x4.splat(0);
		let sum1 = sum0;
		for (; pairs > 0; pairs--) {
			const first = expNonPositive4(f32x4.sub(v128.load(x), m));
			const second = expNonPositive4(f32x4.sub(v128.load(x, 16), m));
			if (stores) {
				v128.store(out, first);
				v128.store(out, second, 16);
			}
			sum0 = f32x4.add(sum0, first);
			sum1 = f32x4.add(sum1, second);
			x += 32;
			out += 32;
		}
		total += <f64>sumLanes(f32x4.add(sum0, sum1));
	}
	for (; count > 0; count -= 4) {
		const lanes = min(4, count);
		const power = expNonPositive4(f32x4.sub(loadLanes(x, lanes), m));
		if (stores) storeLanes(out, power, lanes);
		total += <f64>sumLanes(v128.and(power, laneMask(lanes)));
		x += 16;
		out += 16;
	}
	return total;
}

/** Sum of e^(x - maximum) over a row. */
export function sumExponentials(count: i32, x: usize, maximum: f32): f64 {
	return exponentials(false, count, x, maximum, 0);
}

/** The same; also writes the e^(x - maximum). */
export function storeExponentials(count: i32, x: usize, maximum: f32, out: usize): f64 {
	return exponentials(true, count, x, maximum, out);
}
