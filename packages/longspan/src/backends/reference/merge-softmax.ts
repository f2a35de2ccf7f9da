import type { SoftmaxAttentionKernels } from "../backend.js";
import { floats } from "./buffers.js";
import { addScaled, dot, logSumExp } from "./vectors.js";

/** The share of a part in a merge; nothing where neither sees a key. */
function weight(part: number, merged: number): number {
	return merged === -Infinity ? 0 : Math.exp(part - merged);
}

export const mergeKernels: Pick<SoftmaxAttentionKernels, "mergeSoftmax" | "mergeSoftmaxGradient"> = {
	mergeSoftmax(a, b, merged, rows, width) {
		const output = floats(merged.output).fill(0);
		for (let row = 0; row < rows; row++) {
			const total = logSumExp(Float64Array.of(floats(a.logSumExp)[row]!, floats(b.logSumExp)[row]!));
			for (const part of [a, b]) {
				const share = weight(floats(part.logSumExp)[row]!, total);
				addScaled(output, row * width, share, floats(part.output), row * width, width);
			}
			floats(merged.logSumExp)[row] = total;
		}
	},

	mergeSoftmaxGradient(part, merged, gradient, dPart, rows, width) {
		const dOutput = floats(gradient.output);
		const dPartOutput = floats(dPart.output).fill(0);
		for (let row = 0; row < rows; row++) {
			const start = row * width;
			const share = weight(floats(part.logSumExp)[row]!, floats(merged.logSumExp)[row]!);
			const dTotal = gradient.logSumExp ? floats(gradient.logSumExp)[row]! : 0;
			const own = dot(dOutput, start, floats(part.output), start, width);
			const mean = dot(dOutput, start, floats(merged.output), start, width);
			addScaled(dPartOutput, start, share, dOutput, start, width);
			floats(dPart.logSumExp)[row] = share * (dTotal + own - mean);
		}
	},
};
