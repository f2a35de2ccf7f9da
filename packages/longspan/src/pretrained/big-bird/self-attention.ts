import { bigBird, bigBirdPresets } from "../../attention/big-bird/index.js";
import { full } from "../../attention/full/index.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { RunOptions } from "../architecture.js";
import { zeroPadding } from "../layers/zero-padding.js";

/** What the attention of a BigBird encoder depends on. */
export interface BigBirdAttentionOptions {
	/** "block_sparse", or "original_full": to every token. */
	readonly attentionType: "block_sparse" | "original_full";
	/** Tokens in a block. */
	readonly blockSize: number;
	/** Random key blocks of each query block. */
	readonly randomBlocks: number;
	/** `max_position_embeddings`, for which some tables of random blocks are drawn. */
	readonly maxPositions: number;
	readonly layers: number;
}

/** Attention of one layer: q, k and v are [batch, heads, length, headDim]. */
export type BigBirdAttention = (q: Tensor, k: Tensor, v: Tensor, keyMask: Tensor<"int32"> | undefined) => Tensor;

/**
 * The attention of each layer of a BigBird encoder (Zaheer et al. 2020, arXiv 2007.14062) as transformers computes it. Short inputs run
 * as full attention, each call for itself; lengths that are no multiple of the block need no padding. Tokens of padding get 0 where it
 * is block-sparse.
 *
 * @returns a function of the layer and of how it runs: the first block in place of random ones, unless it is training or
 * `randomBlocks` says otherwise
 */
export function bigBirdAttentions(
	options: BigBirdAttentionOptions,
): (layer: number, run?: Pick<RunOptions, "random" | "randomBlocks">) => BigBirdAttention {
	const { attentionType, blockSize, randomBlocks, maxPositions, layers } = options;
	if (attentionType === "original_full") {
		const attend = full();
		return () => (q, k, v, keyMask) => attend(q, k, v, { keyMask });
	}
	const mechanisms = Array.from({ length: layers }, (_, seed) =>
		bigBird({ ...bigBirdPresets.huggingFace, blockSize, randomBlocks, maxLength: maxPositions, seed }),
	);
	const longestFull = (5 + 2 * randomBlocks) * blockSize;
	return (layer, { random, randomBlocks: choice = random ? "seeded" : "zeros" } = {}) => {
		const training = choice === "seeded";
		// Without random blocks layers do not differ, and can share their plans.
		const attend = mechanisms[training ? layer : 0] as (typeof mechanisms)[number];
		return (q, k, v, keyMask) => {
			const attended = attend(q, k, v, { keyMask, training });
			return (q.shape[2] as number) > longestFull ? zeroPadding(attended, keyMask) : attended;
		};
	};
}
