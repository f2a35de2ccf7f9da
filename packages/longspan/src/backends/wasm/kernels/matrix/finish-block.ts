import { mapFloats } from "../elementwise/unary";
import { MatmulArguments } from "./matmul-arguments";
import { loadLanes, madd, one4, storeLanes } from "../math/simd";

/** x = x * scales + bias for one row; `hasScales` and `hasBias` are constant. */
// @ts-ignore: decorator
@inline
function scaleAndShift(hasScales: bool, hasBias: bool, count: i32, x: usize, scales: usize, bias: usize): void {
	for (; count > 0; count -= 4) {
		const lanes = min(4, count);
		const value = loadLanes(x, lanes);
		const scale = hasScales ? loadLanes(scales, lanes) : one4();
		const result = hasBias
			? hasScales
				? madd(value, scale, loadLanes(bias, lanes))
				: f32x4.add(value, loadLanes(bias, lanes))
			: f32x4.mul(value, scale);
		storeLanes(x, result, lanes);
		x += 16;
		scales += 16;
		bias += 16;
	}
}

function scaleAndShiftRow(count: i32, x: usize, scales: usize, bias: usize): void {
	if (scales == 0) scaleAndShift(false, true, count, x, scales, bias);
	else if (bias == 0) scaleAndShift(true, false, count, x, scales, bias);
	else scaleAndShift(true, true, count, x, scales, bias);
}

/** What is done to the sums of a block of the output, `out`, while they are in the cache. */
export function finishBlock(args: MatmulArguments, out: usize, rows: i32, firstColumn: i32, columns: i32): void {
	const shifts = args.scales != 0 || args.bias != 0;
	if (!shifts && args.activation < 0) return;
	const at = <usize>firstColumn << 2;
	const scales = args.scales == 0 ? <usize>0 : args.scales + at;
	const bias = args.bias == 0 ? <usize>0 : args.bias + at;
	for (let row = 0; row < rows; row++) {
		if (shifts) scaleAndShiftRow(columns, out, scales, bias);
		if (args.activation >= 0) mapFloats(args.activation, out, out, columns);
		out += <usize>args.n << 2;
	}
}
