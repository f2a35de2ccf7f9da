import { activeTape } from "../../autograd/tape.js";
import { foldIn } from "../../nn/forward-options.js";
import { inChunks } from "../../nn/in-chunks.js";
import { add } from "../../ops/arithmetic.js";
import { reshape } from "../../ops/reshape.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Loaded } from "../parameters/declare.js";
import { drop } from "./drop.js";
import { declareFeedForward, feedForward, type PostNormOptions } from "./feed-forward.js";
import { applyLinear, declareLinear } from "./linear.js";
import { applyNorm, declareNorm } from "./norm.js";

/** What follows the attention in a BERT layer called `name` in the checkpoint. */
export function declareEncoderLayer(name: string, dim: number, hidden: number) {
	return {
		output: declareLinear(`${name}.attention.output.dense`, dim, dim),
		norm: declareNorm(`${name}.attention.output.LayerNorm`, dim),
		feedForward: declareFeedForward(name, dim, hidden),
	};
}

export type EncoderLayerParameters = Loaded<ReturnType<typeof declareEncoderLayer>>;

/** Rows that go through a layer at once where nothing is kept for a backward pass. */
const rowsAtOnce = 2048;

/**
 * The rest of a BERT layer (Devlin et al. 2019, arXiv 1810.04805): projection of what was attended to, and feed-forward layer, each
 * added to its input and normalised after that. Without a tape this goes through a piece of the rows at a time, so that the channels in
 * between never exist for a long text.
 *
 * @param x [batch, length, dim], input of the layer
 * @param attended [batch, length, dim]
 * @returns [batch, length, dim]
 */
export function finishEncoderLayer(
	parameters: EncoderLayerParameters,
	x: Tensor,
	attended: Tensor,
	options: PostNormOptions,
): Tensor {
	const { epsilon, dropout, random } = options;
	const finish = (input: Tensor, heads: Tensor): Tensor => {
		const seen = scope(() => {
			const projected = drop(applyLinear(heads, parameters.output), dropout, foldIn(random, 0));
			return applyNorm(add(input, projected), parameters.norm, epsilon);
		});
		return feedForward(parameters.feedForward, seen, { ...options, random: foldIn(random, 1) });
	};
	if (activeTape() || random) return scope(() => finish(x, attended));
	const dim = x.shape[2] as number;
	const rows = (tensor: Tensor) => reshape(tensor, [-1, dim]);
	return scope(() => reshape(inChunks([rows(x), rows(attended)], 0, rowsAtOnce, finish), x.shape));
}
