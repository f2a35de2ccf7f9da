import { foldIn } from "../../nn/forward-options.js";
import { axialPositions } from "../../nn/positions/axial.js";
import { add } from "../../ops/arithmetic.js";
import { embedding } from "../../ops/embedding.js";
import type { RandomSource } from "../../ops/random.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { drop } from "../layers/drop.js";
import { absolutePositions } from "../layers/position-ids.js";
import { type Declaration, declareMatrix, declareTensor, type Loaded } from "../parameters/declare.js";
import type { ReformerConfig } from "./config.js";

/** Weights of the embeddings: words, and positions as axial tables or as one row each. */
export function declareEmbeddings({ vocabularySize, width, axial, maxPositions }: ReformerConfig) {
	const name = "reformer.embeddings";
	const tables = axial?.shape.map((size, axis): Declaration<"tensor"> => {
		const shape = [...axial.shape.map((_, at) => (at === axis ? size : 1)), axial.dims[axis] as number];
		return declareTensor(`${name}.position_embeddings.weights.${axis}`, shape, { deviation: axial.deviation });
	});
	return {
		words: declareMatrix(`${name}.word_embeddings.weight`, [vocabularySize, width]),
		tables,
		rows: axial ? undefined : declareMatrix(`${name}.position_embeddings.embedding.weight`, [maxPositions, width]),
	};
}

export type EmbeddingParameters = Loaded<ReturnType<typeof declareEmbeddings>>;

/** Embeddings [batch, length, width] of ids [batch, length]. */
export function embedTokens(
	config: ReformerConfig,
	parameters: EmbeddingParameters,
	ids: Tensor<"int32">,
	random?: RandomSource,
): Tensor {
	const { tables, rows } = parameters;
	const length = ids.shape[1] as number;
	const positions = (): Tensor => {
		if (rows) return embedding(rows, absolutePositions(length, ids.device));
		const { shape, dims } = config.axial as NonNullable<ReformerConfig["axial"]>;
		const named = Object.fromEntries((tables as readonly Tensor[]).map((table, axis) => [`axis${axis}`, table]));
		return axialPositions({ shape, dims }, config.width).rows(named, 0, length);
	};
	return scope(() => {
		const words = drop(embedding(parameters.words, ids), config.dropout, foldIn(random, 0));
		return add(words, drop(positions(), config.dropout, foldIn(random, 1)));
	});
}
