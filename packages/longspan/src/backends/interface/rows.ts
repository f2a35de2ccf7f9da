import type { DeviceBuffer } from "./buffers.js";

export interface NormArguments {
	readonly x: DeviceBuffer;
	readonly weight: DeviceBuffer;
	/** Null for RMSNorm, which subtracts no mean. */
	readonly bias: DeviceBuffer | null;
	/** [rows]; null exactly when `bias` is. */
	readonly mean: DeviceBuffer | null;
	/** [rows] 1 / sqrt(variance + epsilon), or 1 / sqrt(mean square + epsilon). */
	readonly inverseDeviation: DeviceBuffer;
	readonly rows: number;
	readonly columns: number;
}

/** Kernels over the rows of a [rows, columns] matrix. */
export interface RowKernels {
	/** softmax, or its logarithm; rows of only -Infinity give 0 (softmax) or -Infinity (logarithm). */
	softmax(x: DeviceBuffer, out: DeviceBuffer, rows: number, columns: number, logarithm: boolean): void;
	/** `y` is what `softmax` returned. */
	softmaxGradient(
		y: DeviceBuffer,
		dy: DeviceBuffer,
		dx: DeviceBuffer,
		rows: number,
		columns: number,
		logarithm: boolean,
	): void;
	/** Writes `out`, `mean` and `inverseDeviation`. LayerNorm with a bias, RMSNorm without. */
	norm(args: NormArguments & { readonly epsilon: number; readonly out: DeviceBuffer }): void;
	/** Writes dx, dWeight and, if given, dBias, summed over the rows in a fixed order. */
	normGradient(
		args: NormArguments & {
			readonly dy: DeviceBuffer;
			readonly dx: DeviceBuffer;
			readonly dWeight: DeviceBuffer;
			readonly dBias: DeviceBuffer | null;
		},
	): void;
	/** loss[r] = logSumExp(logits[r]) - logits[r, targets[r]], 0 where the target is `ignoreIndex`; also writes logSumExp[r]. */
	crossEntropy(args: {
		readonly logits: DeviceBuffer;
		readonly targets: DeviceBuffer;
		readonly loss: DeviceBuffer;
		readonly logSumExp: DeviceBuffer;
		readonly rows: number;
		readonly classes: number;
		readonly ignoreIndex: number;
	}): void;
	/** dLogits[r] = dLoss[r] * (softmax(logits[r]) - onehot), 0 where ignored. */
	crossEntropyGradient(args: {
		readonly logits: DeviceBuffer;
		readonly targets: DeviceBuffer;
		readonly logSumExp: DeviceBuffer;
		readonly dLoss: DeviceBuffer;
		readonly dLogits: DeviceBuffer;
		readonly rows: number;
		readonly classes: number;
		readonly ignoreIndex: number;
	}): void;
	/** out[i] = table[ids[i]], rows of `width`. The caller has checked the ids. */
	gather(table: DeviceBuffer, ids: DeviceBuffer, out: DeviceBuffer, width: number): void;
	/** dTable (rows x width, overwritten) = sum of dy rows by id, in a fixed order. */
	scatterAdd(ids: DeviceBuffer, dy: DeviceBuffer, dTable: DeviceBuffer, width: number): void;
	/**
	 * The index of the largest of [x, -x] in each segment of a row, the lowest where several are largest, as the digits of one
	 * number: out[r] = sum over the segments s of index * the product of 2 * widths[t] for t < s. x: [rows, sum of the
	 * widths]; out: int32 [rows]. At most 16 segments. A NaN gives any index in range.
	 */
	signedArgMax(x: DeviceBuffer, out: DeviceBuffer, rows: number, widths: readonly number[]): void;
}
