import { add } from "../../ops/arithmetic.js";
import type { LinearActivation } from "../../ops/linear.js";
import type { RandomSource } from "../../ops/random.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Loaded } from "../parameters/declare.js";
import { drop } from "./drop.js";
import { applyLinear, declareLinear } from "./linear.js";
import { applyNorm, declareNorm } from "./norm.js";

/** The second half of a BERT layer; its parts are called `name`.intermediate and `name`.output in the checkpoint. */
export function declareFeedForward(name: string, dim: number, hidden: number) {
	return {
		inner: declareLinear(`${name}.intermediate.dense`, dim, hidden),
		outer: declareLinear(`${name}.output.dense`, hidden, dim),
		norm: declareNorm(`${name}.output.LayerNorm`, dim),
	};
}

export type FeedForwardParameters = Loaded<ReturnType<typeof declareFeedForward>>;

export interface PostNormOptions {
	readonly activation: LinearActivation;
	readonly epsilon: number;
	readonly dropout: number;
	readonly random: RandomSource | undefined;
}

/**
 * norm(x + outer(activation(inner(y)))), with dropout of what is added.
 *
 * @param y default: x
 */
export function feedForward(
	{ inner, outer, norm }: FeedForwardParameters,
	x: Tensor,
	{ activation, epsilon, dropout, random }: PostNormOptions,
	y = x,
): Tensor {
	return scope(() => {
		const branch = applyLinear(applyLinear(y, inner, activation), outer);
		return applyNorm(add(x, drop(branch, dropout, random)), norm, epsilon);
	});
}
