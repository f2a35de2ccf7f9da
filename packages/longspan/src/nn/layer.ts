import type { DecodingSession } from "../attention/mechanism.js";
import { DisposedError } from "../errors.js";
import type { Tensor } from "../tensor/tensor.js";
import type { TensorTree } from "../tensor/tree.js";
import type { ForwardOptions } from "./forward-options.js";
import type { Initializer } from "./initialize.js";

/** A part of a model as a function of its weights: x [batch, length, dim] to [batch, length, dim] unless it says otherwise. */
export interface Layer<P extends TensorTree> {
	/** Draws initial weights. */
	initialize(draw: Initializer): P;
	apply(parameters: P, x: Tensor, options?: ForwardOptions): Tensor;
	/**
	 * Starts feeding a sequence piece by piece. Position-wise layers remember nothing; layers with attention throw `OptionError` if it is
	 * not causal.
	 */
	startDecoding(batch: number): LayerSession<P>;
}

/** A layer that is fed a sequence piece by piece: the outputs are those of `apply` over the whole. */
export interface LayerSession<P extends TensorTree> {
	/** Bytes of what the session remembers. */
	readonly stateBytes: number;
	/**
	 * @param x the next positions, [batch, length, dim]
	 * @returns [batch, length, dim]
	 */
	append(parameters: P, x: Tensor): Tensor;
	/** Frees what the session remembers. */
	dispose(): void;
}

/** A session of a layer made of parts: it remembers what their sessions remember, and refuses to go on once it is disposed. */
export function joinSessions<P extends TensorTree>(
	parts: readonly Pick<DecodingSession, "stateBytes" | "dispose">[],
	append: LayerSession<P>["append"],
): LayerSession<P> {
	let disposed = false;
	return {
		get stateBytes() {
			return parts.reduce((total, { stateBytes }) => total + stateBytes, 0);
		},
		append(parameters, x) {
			if (disposed)
				throw new DisposedError("append: this decoding session was disposed; start another with startDecoding");
			return append(parameters, x);
		},
		dispose() {
			disposed = true;
			for (const part of parts) part.dispose();
		},
	};
}
