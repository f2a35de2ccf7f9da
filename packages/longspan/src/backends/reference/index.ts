import type { Backend } from "../backend.js";
import { axisKernels } from "./axis.js";
import { createBufferStore } from "./buffers.js";
import { elementwiseKernels } from "./elementwise.js";
import { matrixKernels } from "./matrix.js";
import { mergeKernels } from "./merge-softmax.js";
import { packedMatrixKernels } from "./packed-matrix.js";
import { randomKernels } from "./random.js";
import { rowKernels } from "./rows.js";
import { runningStateKernels } from "./running-state.js";
import { softmaxAttentionKernels } from "./softmax-attention.js";
import { countCalls, type WorkCounter } from "./work-counter.js";

export { float64Values } from "./buffers.js";

/**
 * The backend that defines what every kernel means: plain loops in float64. Slow; other backends are tested against it.
 *
 * @param options.memoryLimit Most bytes of buffers alive at once, at 4 bytes an element. Default 4 GiB, as a 32-bit heap has.
 */
export function createReferenceBackend(options: { readonly memoryLimit?: number } = {}): Backend {
	const work: WorkCounter = { flops: 0, tiles: 0, kernels: 0 };
	const store = createBufferStore(options.memoryLimit ?? 2 ** 32, work);
	return {
		name: "reference",
		description: "reference: plain TypeScript in float64, one thread",
		...store,
		...countCalls(elementwiseKernels, work),
		...countCalls(axisKernels, work),
		...countCalls(rowKernels, work),
		...countCalls(randomKernels, work),
		...countCalls(matrixKernels(work), work),
		...countCalls(packedMatrixKernels(store, work), work),
		...countCalls(softmaxAttentionKernels(work), work),
		...countCalls(mergeKernels, work),
		...countCalls(runningStateKernels(work), work),
		// Nothing but JavaScript memory is held, which goes with the last reference to it.
		dispose() {},
	};
}
