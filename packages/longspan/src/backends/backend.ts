import type { EncodedPlans } from "../attention/plan/encode.js";

/** Element types: float32 for values, int32 for ids and masks. */
export type DType = "float32" | "int32";

/** The JavaScript array that holds elements of a given type. */
export type TypedArrayOf<D extends DType> = D extends "int32" ? Int32Array : Float32Array;

/** Memory owned by a backend. Opaque above the backend: only its type and length are known. */
export interface DeviceBuffer {
	readonly dtype: DType;
	/** Number of elements. */
	readonly length: number;
}

/** Memory of a device, in bytes. */
export interface MemoryStats {
	/** Bytes of all buffers alive, those of running kernels included. */
	readonly liveBytes: number;
	/** Largest `liveBytes` since the start or the last `resetPeak`. */
	readonly peakBytes: number;
	/** Number of buffers alive. */
	readonly buffers: number;
}

/** Work done by kernels since the last reset; counted where it happens, not predicted. */
export interface WorkStats {
	/** Multiplications and additions of matrix products (2 per multiply-add). */
	readonly flops: number;
	/** Tiles of scores that attention kernels visited. */
	readonly tiles: number;
	/** Number of kernel calls. */
	readonly kernels: number;
}

/** Buffers and their contents. */
export interface BufferStore {
	/** Contents are undefined until written. Throws `OutOfMemoryError`. */
	createBuffer(dtype: DType, length: number): DeviceBuffer;
	destroyBuffer(buffer: DeviceBuffer): void;
	/** Copies `values` to the start of `buffer`. */
	write(buffer: DeviceBuffer, values: ArrayLike<number>): void;
	/** Resolves when all earlier kernels are done. */
	read(buffer: DeviceBuffer): Promise<Float32Array | Int32Array>;
	/** Present where the device can answer at once. */
	readSync?(buffer: DeviceBuffer): Float32Array | Int32Array;
	memoryStats(): MemoryStats;
	resetPeak(): void;
	workStats(): WorkStats;
	resetWork(): void;
}

export type UnaryOperation =
	| "negate"
	| "exp"
	| "log"
	| "tanh"
	| "sigmoid"
	| "relu"
	| "gelu"
	| "geluTanh"
	| "silu"
	| "softplus"
	| "elu"
	/** elu(x) + 1 */
	| "eluPlusOne"
	| "sqrt"
	/** x ^ parameter */
	| "power"
	/** x * parameter */
	| "scale"
	/** x + parameter */
	| "shift";

export type BinaryOperation = "add" | "subtract" | "multiply" | "divide";

/**
 * One loop nest over `shape` (row-major, at most 8 axes): each operand has one stride per axis in elements, 0 where it is broadcast.
 */
export interface BroadcastLayout {
	readonly shape: readonly number[];
	readonly strides: readonly (readonly number[])[];
}

export interface CopyLayout {
	readonly shape: readonly number[];
	readonly sourceOffset: number;
	readonly sourceStrides: readonly number[];
	readonly targetOffset: number;
	readonly targetStrides: readonly number[];
}

/** Kernels that treat every element alike. All are float32 unless said otherwise. */
export interface ElementwiseKernels {
	/** Any dtype. */
	fill(out: DeviceBuffer, value: number): void;
	unary(operation: UnaryOperation, x: DeviceBuffer, out: DeviceBuffer, parameter: number): void;
	/** dx = dy * operation'(x) */
	unaryGradient(
		operation: UnaryOperation,
		x: DeviceBuffer,
		dy: DeviceBuffer,
		dx: DeviceBuffer,
		parameter: number,
	): void;
	/** `strides` of the layout: [a, b]; `out` is contiguous. */
	binary(
		operation: BinaryOperation,
		a: DeviceBuffer,
		b: DeviceBuffer,
		out: DeviceBuffer,
		layout: BroadcastLayout,
	): void;
	/** out = condition ? a : b with an int32 condition. `strides`: [condition, a, b]; `out` is contiguous. */
	select(condition: DeviceBuffer, a: DeviceBuffer, b: DeviceBuffer, out: DeviceBuffer, layout: BroadcastLayout): void;
	/** Strided copy of either dtype (both buffers the same): transpose, slice, pad, concat and broadcast are all this. */
	copy(source: DeviceBuffer, target: DeviceBuffer, layout: CopyLayout): void;
	/** int32 to float32. */
	toFloat(x: DeviceBuffer, out: DeviceBuffer): void;
}

/** A reduction over the middle axis of [outer, length, inner]. */
export interface AxisExtent {
	readonly outer: number;
	readonly length: number;
	readonly inner: number;
}

/** Kernels over one axis. Sums keep float32 relative error near 1e-6 for long axes (blocked or compensated). */
export interface AxisKernels {
	/** out: [outer, inner]. The maximum of an axis that holds a NaN is NaN. */
	reduce(operation: "sum" | "max", x: DeviceBuffer, out: DeviceBuffer, extent: AxisExtent): void;
	/** Gradient of max: dy shared evenly among the elements equal to the maximum `y`. */
	maxGradient(x: DeviceBuffer, y: DeviceBuffer, dy: DeviceBuffer, dx: DeviceBuffer, extent: AxisExtent): void;
	/** Inclusive running sum along the axis, from the end if `reverse`. */
	cumulativeSum(x: DeviceBuffer, out: DeviceBuffer, extent: AxisExtent, reverse: boolean): void;
}

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
}

/** Key of a counter-based generator: the same key and position always give the same number. */
export interface RandomKey {
	/** Two unsigned 32-bit words. */
	readonly seed: readonly [number, number];
	/** Separates independent streams of one seed (layer, step, purpose), two unsigned 32-bit words. */
	readonly stream: readonly [number, number];
}

/** Philox4x32-10: key = seed, counter = [block, 0, stream0, stream1], four words a block (element i uses word i mod 4 of block i div 4). */
export interface RandomKernels {
	/**
	 * uniform: word / 2^32 rounded down to 24 bits, in [0, 1). normal: Box-Muller on the uniform pair (u1, u2) of words
	 * (0, 1) and (2, 3): sqrt(-2 ln(1 - u1)) * (cos, sin)(2 pi u2).
	 */
	random(distribution: "uniform" | "normal", out: DeviceBuffer, key: RandomKey): void;
	/** out = uniform >= rate ? x / (1 - rate) : 0. Its own gradient when given dy as x. */
	dropout(x: DeviceBuffer, out: DeviceBuffer, rate: number, key: RandomKey): void;
}

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

/** Sizes of one attention call. q: [batch, heads, queryLength, headDim], k: [batch, heads, keyLength, headDim], v and out likewise with valueDim. */
export interface AttentionSizes {
	readonly batch: number;
	readonly heads: number;
	readonly queryLength: number;
	readonly keyLength: number;
	readonly headDim: number;
	readonly valueDim: number;
}

export interface SoftmaxAttentionArguments extends AttentionSizes {
	readonly q: DeviceBuffer;
	readonly k: DeviceBuffer;
	readonly v: DeviceBuffer;
	/** int32 [batch, keyLength], 0 hides the key; null shows all. */
	readonly keyMask: DeviceBuffer | null;
	/** Which keys each query sees; see `attention/plan/encode.ts`. */
	readonly plans: EncodedPlans;
	/** Factor of q·k. */
	readonly scale: number;
	/** Rows that see no key are 0. */
	readonly out: DeviceBuffer;
	/** [batch, heads, queryLength], natural logarithm; rows that see no key are -Infinity. */
	readonly logSumExp: DeviceBuffer;
}

export interface SoftmaxAttentionGradientArguments extends SoftmaxAttentionArguments {
	/** Transposes of `plans`, same order: rows are keys, columns queries. */
	readonly transposedPlans: EncodedPlans;
	readonly dOut: DeviceBuffer;
	/** Gradient of logSumExp, or null for none. */
	readonly dLogSumExp: DeviceBuffer | null;
	readonly dq: DeviceBuffer;
	readonly dk: DeviceBuffer;
	readonly dv: DeviceBuffer;
}

/** A state per batch entry and head: sum [headDim, valueDim] of k vᵀ and, with a normaliser, normalizer [headDim] of k. */
export interface StateBuffers {
	readonly sum: DeviceBuffer;
	readonly normalizer: DeviceBuffer | null;
}

/**
 * Causal attention as a running state: S_t = exp(logDecay_t) S_{t-1} + k_t v_tᵀ, out_t = q_t S_t, with a normaliser
 * z_t = exp(logDecay_t) z_{t-1} + k_t and out_t = q_t S_t / (q_t·z_t + epsilon).
 */
export interface RunningStateArguments extends Omit<AttentionSizes, "queryLength" | "keyLength"> {
	readonly length: number;
	readonly q: DeviceBuffer;
	readonly k: DeviceBuffer;
	readonly v: DeviceBuffer;
	/** [batch, heads, length], at most 0; null for no decay. */
	readonly logDecay: DeviceBuffer | null;
	/** Null starts from zero. */
	readonly initialState: StateBuffers | null;
	readonly epsilon: number;
	readonly out: DeviceBuffer;
	/** q_t·z_t + epsilon, [batch, heads, length]; null means no normaliser. */
	readonly denominator: DeviceBuffer | null;
	/** Written with the state after the last step; its normalizer is null without one. */
	readonly finalState: StateBuffers;
}

export interface RunningStateGradientArguments extends RunningStateArguments {
	readonly dOut: DeviceBuffer;
	/** Gradient of the final state, null for none. */
	readonly dFinalState: StateBuffers | null;
	readonly dq: DeviceBuffer;
	readonly dk: DeviceBuffer;
	readonly dv: DeviceBuffer;
	readonly dLogDecay: DeviceBuffer | null;
	readonly dInitialState: StateBuffers | null;
}

/** Output rows [rows, width] of softmax attention over some keys, with the logSumExp [rows] of their scores. */
export interface SoftmaxPart {
	readonly output: DeviceBuffer;
	readonly logSumExp: DeviceBuffer;
}

/** The two attention engines. */
export interface AttentionKernels {
	softmaxAttention(args: SoftmaxAttentionArguments): void;
	softmaxAttentionGradient(args: SoftmaxAttentionGradientArguments): void;
	/** Writes the attention over the keys of both parts: logSumExp = log(e^a + e^b), output weighted by e^(own - logSumExp). */
	mergeSoftmax(a: SoftmaxPart, b: SoftmaxPart, merged: SoftmaxPart, rows: number, width: number): void;
	/**
	 * Gradient of one part of a merge, with w = e^(part.logSumExp - merged.logSumExp) by row (0 where both are -Infinity):
	 * dPart.output = w dOutput, dPart.logSumExp = w (dLogSumExp + dOutput·(part.output - merged.output)).
	 */
	mergeSoftmaxGradient(
		part: SoftmaxPart,
		merged: SoftmaxPart,
		gradient: { readonly output: DeviceBuffer; readonly logSumExp: DeviceBuffer | null },
		dPart: SoftmaxPart,
		rows: number,
		width: number,
	): void;
	runningState(args: RunningStateArguments): void;
	/** `out`, `denominator` and `finalState` are read as the forward call wrote them. */
	runningStateGradient(args: RunningStateGradientArguments): void;
}

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
		AttentionKernels {
	readonly name: string;
	/** One line for people: which build, how many threads. */
	readonly description: string;
	/** Frees everything; the backend cannot be used afterwards. */
	dispose(): void;
}
