import type { DeviceBuffer } from "./buffers.js";
import type { EncodedPlans } from "./encoded-plans.js";

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
	/** Which keys each query sees; see `EncodedPlans`. */
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

/** Output rows [rows, width] of softmax attention over some keys, with the logSumExp [rows] of their scores. */
export interface SoftmaxPart {
	readonly output: DeviceBuffer;
	readonly logSumExp: DeviceBuffer;
}

/** Engine 1. */
export interface SoftmaxAttentionKernels {
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
}
