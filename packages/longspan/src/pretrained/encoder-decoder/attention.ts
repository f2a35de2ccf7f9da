import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { joinHeads, splitHeads } from "../layers/heads.js";
import { applyLinear, declareLinear } from "../layers/linear.js";
import type { Loaded } from "../parameters/declare.js";
import type { EncoderDecoderConfig } from "./config.js";

/** Weights of multi-head attention called `name` in the checkpoint. */
export function declareAttention(name: string, { width, attentionBias: bias }: EncoderDecoderConfig) {
	const project = (part: string) => declareLinear(`${name}.${part}_proj`, width, width, { bias });
	return { query: project("q"), key: project("k"), value: project("v"), output: project("out") };
}

export type AttentionParameters = Loaded<ReturnType<typeof declareAttention>>;

/** Keys and values by head, each [batch, heads, length, headDim]. */
export interface KeysValues {
	readonly keys: Tensor;
	readonly values: Tensor;
}

/** Keys and values of states [batch, length, width]. */
export function projectKeysValues(states: Tensor, { key, value }: AttentionParameters, heads: number): KeysValues {
	return scope(() => ({
		keys: splitHeads(applyLinear(states, key), heads),
		values: splitHeads(applyLinear(states, value), heads),
	}));
}

/**
 * Multi-head attention around any way to attend.
 *
 * @param x [batch, length, width]
 * @param attend makes of queries [batch, heads, length, headDim] results of the same shape
 * @returns [batch, length, width]
 */
export function attendByHead(
	x: Tensor,
	{ query, output }: AttentionParameters,
	heads: number,
	attend: (q: Tensor) => Tensor,
): Tensor {
	return scope(() => {
		const attended = scope(() => joinHeads(attend(splitHeads(applyLinear(x, query), heads))));
		return applyLinear(attended, output);
	});
}
