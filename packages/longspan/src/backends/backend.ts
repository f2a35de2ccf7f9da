import type { AxisKernels } from "./interface/axis.js";
import type { BufferStore } from "./interface/buffers.js";
import type { ElementwiseKernels } from "./interface/elementwise.js";
import type { MatrixKernels } from "./interface/matrix.js";
import type { PackedMatrixKernels } from "./interface/packed-matrix.js";
import type { RandomKernels } from "./interface/random.js";
import type { RowKernels } from "./interface/rows.js";
import type { RunningStateKernels } from "./interface/running-state.js";
import type { SoftmaxAttentionKernels } from "./interface/softmax-attention.js";

export type * from "./interface/axis.js";
export type * from "./interface/buffers.js";
export type * from "./interface/elementwise.js";
export * from "./interface/encoded-plans.js";
export * from "./interface/float-bits.js";
export type * from "./interface/matrix.js";
export type * from "./interface/packed-matrix.js";
export * from "./interface/philox.js";
export type * from "./interface/random.js";
export type * from "./interface/rows.js";
export type * from "./interface/running-state.js";
export type * from "./interface/softmax-attention.js";

/**
 * What a device must do. Kernels are enqueued: they return at once or when done, and only `read` waits for them. Every
 * buffer is contiguous and row-major, outputs are allocated by the caller, and no kernel knows a mechanism. The ops
 * layer has validated shapes and types: backends do not check them again.
 */
export interface Backend
	extends BufferStore,
		ElementwiseKernels,
		AxisKernels,
		RowKernels,
		RandomKernels,
		MatrixKernels,
		PackedMatrixKernels,
		SoftmaxAttentionKernels,
		RunningStateKernels {
	readonly name: string;
	/** One line for people: which build, how many threads. */
	readonly description: string;
	/** Frees everything; the backend cannot be used afterwards. */
	dispose(): void;
}
