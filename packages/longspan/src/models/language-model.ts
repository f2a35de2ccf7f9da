import type { Attention } from "../attention/mechanism.js";
import { OptionError, ShapeError } from "../errors.js";
import {
	type BlockParameters,
	blockParameters,
	type NormParameters,
	normParameters,
	transformerBlock,
} from "../nn/block.js";
import { normalInitializer } from "../nn/initialize.js";
import { add } from "../ops/arithmetic.js";
import { crossEntropy } from "../ops/cross-entropy.js";
import { embedding } from "../ops/embedding.js";
import { matmul } from "../ops/matmul.js";
import { layerNorm } from "../ops/norm.js";
import { checkNumber } from "../ops/operands.js";
import { mean } from "../ops/reduce.js";
import { slice } from "../ops/slice.js";
import { keep, scope } from "../tensor/scope.js";
import { formatShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

export interface LanguageModelOptions {
	/** A causal attention, used in every layer. */
	attention: Attention;
	/** Number of token ids. Default: 256, for bytes. */
	vocabularySize?: number;
	/** Longest sequence; each position has an embedding of its own. */
	maxLength: number;
	/** Width of the residual stream, a multiple of `heads`. */
	dim: number;
	layers: number;
	heads: number;
	/** Default: 0. */
	seed?: number;
}

/** Weights of a language model. */
// A type, not an interface: those are no trees of tensors to TypeScript.
export type LanguageModelParameters = {
	/** [vocabularySize, dim], the output weights, too. */
	readonly tokens: Tensor;
	/** [maxLength, dim] */
	readonly positions: Tensor;
	readonly blocks: readonly BlockParameters[];
	readonly norm: NormParameters;
};

export interface LanguageModel {
	/** Initial weights, free to be replaced by trained ones. */
	readonly parameters: LanguageModelParameters;
	/**
	 * Scores of the next token.
	 *
	 * @param ids int32 [batch, length]
	 * @returns [batch, length, vocabularySize]
	 */
	logits(parameters: LanguageModelParameters, ids: Tensor<"int32">): Tensor;
	/**
	 * Mean cross-entropy, in nats, of each token after the first given those before it.
	 *
	 * @param ids int32 [batch, length + 1]
	 */
	loss(parameters: LanguageModelParameters, ids: Tensor<"int32">): Tensor;
}

/**
 * A decoder-only transformer: token and learned position embeddings, pre-norm blocks, a final norm, and output weights tied
 * to the token embedding.
 *
 * @throws OptionError for sizes below 1, a `dim` that `heads` does not divide, or an attention that is not causal
 */
export function languageModel({
	attention,
	vocabularySize = 256,
	maxLength,
	dim,
	layers,
	heads,
	seed = 0,
}: LanguageModelOptions): LanguageModel {
	for (const [option, value] of Object.entries({ vocabularySize, maxLength, dim, layers, heads }))
		checkNumber("languageModel", option, value, { min: 1, integer: true });
	if (dim % heads !== 0) throw new OptionError(`languageModel: dim is ${dim}; expected a multiple of heads, ${heads}`);
	if (!attention.causal)
		throw new OptionError(
			`languageModel: attention "${attention.description}" is not causal; a language model must not see the token it predicts`,
		);
	const draw = normalInitializer(seed);
	const parameters: LanguageModelParameters = keep({
		// As the output weights, too, they give logits of deviation 1; much smaller ones learn slowly.
		tokens: draw([vocabularySize, dim], 1 / Math.sqrt(dim)),
		positions: draw([maxLength, dim], 0.02),
		blocks: Array.from({ length: layers }, (_, layer) =>
			blockParameters(
				dim,
				layers,
				draw,
				attention.initialize?.({ heads, headDim: dim / heads, seed: seed + layer }) ?? {},
			),
		),
		norm: normParameters(dim),
	});

	const logits = ({ tokens, positions, blocks, norm }: LanguageModelParameters, ids: Tensor<"int32">): Tensor => {
		const length = ids.shape[1] ?? 0;
		if (ids.rank !== 2 || length < 1 || length > maxLength)
			throw new ShapeError(
				`languageModel: ids have shape ${formatShape(ids.shape)}; expected [batch, length] with a length of 1 to ${maxLength}`,
			);
		return scope(() => {
			const embedded = add(embedding(tokens, ids), slice(positions, 0, 0, length));
			const hidden = blocks.reduce((x, block) => transformerBlock(x, block, heads, attention), embedded);
			return matmul(layerNorm(hidden, norm.weight, norm.bias), tokens, { transposeB: true });
		});
	};
	return {
		parameters,
		logits,
		loss: (current, ids) => scope(() => mean(crossEntropy(logits(current, slice(ids, 1, 0, -1)), slice(ids, 1, 1)))),
	};
}
