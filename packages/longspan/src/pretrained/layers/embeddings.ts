import { add, mul } from "../../ops/arithmetic.js";
import { embedding } from "../../ops/embedding.js";
import type { RandomSource } from "../../ops/random.js";
import { intTensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { declareMatrix, declareTensor, type Loaded } from "../parameters/declare.js";
import { drop } from "./drop.js";
import { applyNorm, declareNorm } from "./norm.js";

export interface EmbeddingSizes {
	readonly vocabularySize: number;
	readonly positions: number;
	/** Kinds of text that a token may belong to. */
	readonly types: number;
	readonly dim: number;
	/** Names under which a checkpoint may hold the embeddings of words, because they are tied. Default: none. */
	readonly tiedTo?: readonly string[] | undefined;
}

/** Embeddings of words, positions and types of text called `name` in the checkpoint. */
export function declareEmbeddings(name: string, { vocabularySize, positions, types, dim, tiedTo }: EmbeddingSizes) {
	return {
		word: declareMatrix(`${name}.word_embeddings.weight`, [vocabularySize, dim], { aliases: tiedTo }),
		position: declareTensor(`${name}.position_embeddings.weight`, [positions, dim], { deviation: 0.02 }),
		type: declareTensor(`${name}.token_type_embeddings.weight`, [types, dim], { deviation: 0.02 }),
		norm: declareNorm(`${name}.LayerNorm`, dim),
	};
}

export type EmbeddingParameters = Loaded<ReturnType<typeof declareEmbeddings>>;

export interface EmbedOptions {
	readonly epsilon: number;
	/** Factor of the embeddings of words. */
	readonly scale: number;
	readonly dropout: number;
	/** Whether dropout comes before the norm, as in BigBird, or after it. */
	readonly dropsFirst: boolean;
	readonly random: RandomSource | undefined;
}

/**
 * norm(word + position + type), with dropout in training.
 *
 * @param inputIds int32 [batch, length]
 * @param positionIds int32 [batch or 1, length]
 * @param tokenTypeIds int32 [batch, length]; undefined: all 0
 * @returns [batch, length, dim]
 */
export function embed(
	parameters: EmbeddingParameters,
	inputIds: Tensor<"int32">,
	positionIds: Tensor<"int32">,
	tokenTypeIds: Tensor<"int32"> | undefined,
	{ epsilon, scale, dropout, dropsFirst, random }: EmbedOptions,
): Tensor {
	return scope(() => {
		const types = tokenTypeIds ?? intTensor([0], [1, 1], inputIds.device);
		const sum = scope(() => {
			const words = embedding(parameters.word, inputIds);
			const placed = scope(() =>
				add(scale === 1 ? words : mul(words, scale), embedding(parameters.position, positionIds)),
			);
			words.dispose();
			return add(placed, embedding(parameters.type, types));
		});
		if (dropsFirst) return applyNorm(drop(sum, dropout, random), parameters.norm, epsilon);
		return drop(applyNorm(sum, parameters.norm, epsilon), dropout, random);
	});
}
