import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Loaded } from "../parameters/declare.js";
import { joinHeads, splitHeads } from "./heads.js";
import { applyLinear, declareLinear, type LinearLayerOptions } from "./linear.js";

/** Projections of self-attention called `name` in the checkpoint. */
export function declareSelfAttention(name: string, dim: number, options?: LinearLayerOptions) {
	return {
		query: declareLinear(`${name}.query`, dim, dim, options),
		key: declareLinear(`${name}.key`, dim, dim, options),
		value: declareLinear(`${name}.value`, dim, dim, options),
	};
}

export type SelfAttentionParameters = Loaded<ReturnType<typeof declareSelfAttention>>;

/**
 * Self-attention up to the projection of its output, which is left to the layer.
 *
 * @param x [batch, length, dim]
 * @param attend attention of q, k and v, each [batch, heads, length, dim / heads]
 * @returns [batch, length, dim]
 */
export function selfAttention(
	{ query, key, value }: SelfAttentionParameters,
	x: Tensor,
	heads: number,
	attend: (q: Tensor, k: Tensor, v: Tensor) => Tensor,
): Tensor {
	return scope(() => {
		// Scopes within: projections are freed as soon as they are split, q, k and v before the heads are joined.
		const attended = scope(() => {
			const [q, k, v] = [query, key, value].map((projection) =>
				scope(() => splitHeads(applyLinear(x, projection), heads)),
			) as [Tensor, Tensor, Tensor];
			return attend(q, k, v);
		});
		return joinHeads(attended);
	});
}
