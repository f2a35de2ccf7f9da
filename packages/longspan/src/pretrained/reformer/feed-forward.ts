import { foldIn } from "../../nn/forward-options.js";
import { inChunks } from "../../nn/in-chunks.js";
import type { RandomSource } from "../../ops/random.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { drop } from "../layers/drop.js";
import { applyLinear, declareLinear } from "../layers/linear.js";
import { applyNorm, declareNorm } from "../layers/norm.js";
import type { Loaded } from "../parameters/declare.js";
import type { ReformerConfig } from "./config.js";

/** Elements of the inner layer that exist at once: 16 MiB. */
const innerElements = 2 ** 22;

/** Weights of the feed-forward part of a layer. */
export function declareFeedForward(name: string, { width, innerWidth }: ReformerConfig) {
	return {
		norm: declareNorm(`${name}.layer_norm`, width),
		inner: declareLinear(`${name}.dense.dense`, width, innerWidth),
		outer: declareLinear(`${name}.output.dense`, innerWidth, width),
	};
}

export type FeedForwardParameters = Loaded<ReturnType<typeof declareFeedForward>>;

/**
 * outer(activation(inner(norm(x)))), without the residual, in pieces of positions so that the inner layer of a long input never
 * exists as a whole. With dropout there is one piece, whose masks the backward pass can draw again.
 */
export function applyFeedForward(
	config: ReformerConfig,
	{ norm, inner, outer }: FeedForwardParameters,
	x: Tensor,
	random?: RandomSource,
): Tensor {
	const { innerWidth, activation, epsilon, dropout: rate } = config;
	const whole = (piece: Tensor): Tensor =>
		scope(() => {
			const channels = applyLinear(applyNorm(piece, norm, epsilon), inner, activation);
			return drop(applyLinear(drop(channels, rate, foldIn(random, 1)), outer), rate, foldIn(random, 2));
		});
	if (random && rate > 0) return whole(x);
	const atOnce = Math.max(1, Math.floor(innerElements / (innerWidth * (x.shape[0] as number))));
	return inChunks([x], 1, atOnce, whole);
}
