import { ShapeError } from "../../errors.js";
import { add, mul } from "../../ops/arithmetic.js";
import { embedding } from "../../ops/embedding.js";
import type { Matrix } from "../../ops/packed-matrix.js";
import { intTensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { EncoderDecoderConfig } from "./config.js";

/** The tables that ids and positions are looked up in. */
export interface EmbeddingTables {
	/** [vocabulary, width] */
	readonly tokens: Matrix;
	/** [rows, width] */
	readonly positions: Matrix;
}

/**
 * Embeddings of tokens and of their positions, added.
 *
 * @param ids int32 [batch, length]
 * @param first position of the first token of each row
 * @returns [batch, length, width]
 * @throws ShapeError beyond the last position of the table
 */
export function embedTokens(
	{ tokens, positions }: EmbeddingTables,
	ids: Tensor<"int32">,
	first: number,
	{ name, embeddingScale, positionOffset }: EncoderDecoderConfig,
): Tensor {
	const length = ids.shape[1] as number;
	const rows = positions.shape[0] as number;
	if (first + length > rows - positionOffset)
		throw new ShapeError(
			`${name}: ${first + length} tokens; expected at most ${rows - positionOffset}, as many as there are positions: cut the text, or write fewer`,
		);
	return scope(() => {
		const words = embedding(tokens, ids);
		const places = Int32Array.from({ length }, (_, at) => positionOffset + first + at);
		const placed = embedding(positions, intTensor(places, [length], ids.device));
		return add(embeddingScale === 1 ? words : mul(words, embeddingScale), placed);
	});
}
