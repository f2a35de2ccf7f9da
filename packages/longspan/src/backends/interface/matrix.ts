import type { DeviceBuffer } from "./buffers.js";

export interface MatmulArguments {
	readonly a: DeviceBuffer;
	readonly b: DeviceBuffer;
	/** [batch, m, n], contiguous, overwritten. */
	readonly out: DeviceBuffer;
	readonly batch: number;
	readonly m: number;
	readonly n: number;
	readonly k: number;
	/** Elements between the matrices of consecutive batch entries; 0 shares one matrix. */
	readonly aBatchStride: number;
	readonly bBatchStride: number;
	/** a is stored [m, k], or [k, m] if true. */
	readonly transposeA: boolean;
	/** b is stored [k, n], or [n, k] if true. */
	readonly transposeB: boolean;
}

export interface MatrixKernels {
	matmul(args: MatmulArguments): void;
}
