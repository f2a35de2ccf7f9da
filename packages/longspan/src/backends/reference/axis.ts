import type { AxisExtent, AxisKernels } from "../backend.js";
import { floats } from "./buffers.js";

/** Visits every line along the axis: its place in [outer, inner], its first element, and the step to the next. */
function forEachLine(
	{ outer, length, inner }: AxisExtent,
	visit: (line: number, start: number, step: number) => void,
): void {
	for (let o = 0; o < outer; o++) {
		for (let i = 0; i < inner; i++) visit(o * inner + i, o * length * inner + i, inner);
	}
}

export const axisKernels: AxisKernels = {
	reduce(operation, x, out, extent) {
		const input = floats(x);
		const output = floats(out);
		forEachLine(extent, (line, start, step) => {
			let result = operation === "sum" ? 0 : -Infinity;
			for (let t = 0; t < extent.length; t++) {
				const value = input[start + t * step]!;
				// Math.max returns NaN when either argument is.
				result = operation === "sum" ? result + value : Math.max(result, value);
			}
			output[line] = result;
		});
	},

	maxGradient(x, y, dy, dx, extent) {
		const input = floats(x);
		const maximum = floats(y);
		const outputGradient = floats(dy);
		const inputGradient = floats(dx);
		forEachLine(extent, (line, start, step) => {
			let ties = 0;
			for (let t = 0; t < extent.length; t++) if (input[start + t * step] === maximum[line]) ties++;
			for (let t = 0; t < extent.length; t++) {
				const at = start + t * step;
				inputGradient[at] = input[at] === maximum[line] ? outputGradient[line]! / ties : 0;
			}
		});
	},

	cumulativeSum(x, out, extent, reverse) {
		const input = floats(x);
		const output = floats(out);
		forEachLine(extent, (_, start, step) => {
			let sum = 0;
			for (let t = 0; t < extent.length; t++) {
				const at = start + (reverse ? extent.length - 1 - t : t) * step;
				sum += input[at]!;
				output[at] = sum;
			}
		});
	},

	cumulativeMax(x, out, extent) {
		const input = floats(x);
		const output = floats(out);
		forEachLine(extent, (_, start, step) => {
			let largest = -Infinity;
			for (let t = 0; t < extent.length; t++) {
				largest = Math.max(largest, input[start + t * step]!);
				output[start + t * step] = largest;
			}
		});
	},
};
