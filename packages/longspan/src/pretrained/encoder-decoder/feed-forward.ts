import { activeTape } from "../../autograd/tape.js";
import { inChunks } from "../../nn/in-chunks.js";
import { reshape } from "../../ops/reshape.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { RunOptions } from "../architecture.js";
import { drop } from "../layers/drop.js";
import { applyLinear, declareLinear } from "../layers/linear.js";
import type { Loaded } from "../parameters/declare.js";
import type { EncoderDecoderConfig, StackConfig } from "./config.js";

/** Weights of the position-wise layer of the layer called `name` in the checkpoint. */
export function declareFeedForward(name: string, width: number, { innerWidth }: StackConfig) {
	return {
		inner: declareLinear(`${name}.fc1`, width, innerWidth),
		outer: declareLinear(`${name}.fc2`, innerWidth, width),
	};
}

export type FeedForwardParameters = Loaded<ReturnType<typeof declareFeedForward>>;

/** Channels in between that exist at once: 16 MiB. */
const channelsAtOnce = 2 ** 22;

/**
 * outer(activation(inner(x))). Outside of training it goes through the positions in pieces, so that the wide channels of a long text
 * never exist for all of them.
 *
 * @param x [batch, length, width]
 */
export function applyFeedForward(
	x: Tensor,
	{ inner, outer }: FeedForwardParameters,
	{ activation }: EncoderDecoderConfig,
	{ innerWidth, innerDropout }: StackConfig,
	random: RunOptions["random"],
): Tensor {
	return scope(() => {
		const whole = (rows: Tensor) =>
			applyLinear(drop(applyLinear(rows, inner, activation), innerDropout, random), outer);
		if (random || activeTape()) return whole(x);
		const rows = reshape(x, [-1, x.shape[2] as number]);
		return reshape(inChunks([rows], 0, Math.max(64, Math.floor(channelsAtOnce / innerWidth)), whole), x.shape);
	});
}
