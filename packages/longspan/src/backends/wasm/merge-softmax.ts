import type { SoftmaxAttentionKernels, SoftmaxPart } from "../backend.js";
import type { WasmEngine } from "./engine.js";
import { KernelId } from "./kernels/kernel-id.js";

/** Estimated simple operations for the weights of a row. */
const rowWork = 40;

/** Merging of partial softmax attention. */
export function mergeSoftmaxKernels(
	engine: WasmEngine,
): Pick<SoftmaxAttentionKernels, "mergeSoftmax" | "mergeSoftmaxGradient"> {
	const pointers = (part: SoftmaxPart) => [engine.pointer(part.output), engine.pointer(part.logSumExp)];
	return {
		mergeSoftmax(a, b, merged, rows, width) {
			const words = [...pointers(a), ...pointers(b), ...pointers(merged), width];
			engine.dispatch(KernelId.mergeSoftmax, rows, rows * (width + rowWork), words);
		},
		mergeSoftmaxGradient(part, merged, gradient, dPart, rows, width) {
			const dLogSumExp = gradient.logSumExp ? engine.pointer(gradient.logSumExp) : 0;
			const words = [
				...pointers(part),
				...pointers(merged),
				engine.pointer(gradient.output),
				dLogSumExp,
				...pointers(dPart),
				width,
			];
			engine.dispatch(KernelId.mergeSoftmaxGradient, rows, rows * (2 * width + rowWork), words);
		},
	};
}
