import type { DeviceBuffer } from "./buffers.js";
import type { AttentionSizes } from "./softmax-attention.js";

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

/** Engine 2. */
export interface RunningStateKernels {
	runningState(args: RunningStateArguments): void;
	/** `out`, `denominator` and `finalState` are read as the forward call wrote them. */
	runningStateGradient(args: RunningStateGradientArguments): void;
}
