import { chunkedCrossEntropy } from "../../nn/chunked-cross-entropy.js";
import { countedMean } from "../../nn/counted-mean.js";
import type { ForwardOptions } from "../../nn/forward-options.js";
import { normalInitializer } from "../../nn/initialize.js";
import { applyNorm, type NormParameters, normParameters } from "../../nn/norm.js";
import { embedding } from "../../ops/embedding.js";
import { matmul } from "../../ops/matmul.js";
import { checkObject, checkOperands, checkOptions } from "../../ops/operands.js";
import { reshape } from "../../ops/reshape.js";
import { gelu } from "../../ops/unary.js";
import { keep, scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { checkTargets } from "../check-targets.js";
import { withPonderCost } from "../ponder.js";
import {
	type TransformerOptions,
	type TransformerParameters,
	transformer,
	transformerOptionNames,
} from "../transformer.js";
import { type ProjectionParameters, project, projectionParameters } from "./projection.js";

export interface MaskedLanguageModelOptions extends TransformerOptions {
	/** Number of token ids, that of the mask among them. */
	vocabularySize: number;
}

/** Weights of a masked language model; the token embeddings are its output weights, too. */
export type MaskedLanguageModelParameters = TransformerParameters & {
	readonly head: {
		/** From the hidden states to the width of the token embeddings. */
		readonly transform: ProjectionParameters;
		readonly norm: NormParameters;
	};
};

/** What to predict where; `maskTokens` makes it. */
export interface MaskedLanguageBatch {
	/** Tokens, some of them masked: int32 [batch, length]. */
	readonly ids: Tensor<"int32">;
	/** Where to predict, sequence · length + position: int32 [count]. */
	readonly positions: Tensor<"int32">;
	/** The tokens that were there: int32 [count], -100 for nothing. */
	readonly targets: Tensor<"int32">;
}

export interface MaskedLanguageModel {
	readonly vocabularySize: number;
	/** Initial weights, free to be replaced by trained ones. */
	readonly parameters: MaskedLanguageModelParameters;
	/**
	 * Scores of the tokens at some positions.
	 *
	 * @param ids int32 [batch, length]
	 * @param positions int32 [count], sequence · length + position
	 * @returns [count, vocabularySize]
	 */
	logits(
		parameters: MaskedLanguageModelParameters,
		ids: Tensor<"int32">,
		positions: Tensor<"int32">,
		options?: ForwardOptions,
	): Tensor;
	/**
	 * Mean cross-entropy of the targets, in nats, and the cost of halting where there is one. Only the positions asked for are scored,
	 * and not all at once.
	 */
	loss(parameters: MaskedLanguageModelParameters, batch: MaskedLanguageBatch, options?: ForwardOptions): Tensor;
}

const name = "maskedLanguageModel";

/**
 * An encoder that predicts tokens from both sides (Devlin et al. 2018, arXiv 1810.04805, section 3.1) with any attention. Scores
 * are norm(gelu(hidden · weight + bias)) · tokensᵀ, those of the released BERT without its bias for each token.
 *
 * @throws OptionError for sizes below 1 or that do not fit
 * @example
 * const model = maskedLanguageModel({ vocabularySize: 30_000, attention: longformer({ window: 256 }), maxLength: 4096, dim: 256, layers: 4, heads: 4 });
 * const { keyMask, ...batch } = maskTokens(sequences, { maskId: 4, vocabularySize: 30_000, step });
 * const { value, gradient } = valueAndGrad(model.loss)(model.parameters, batch, { keyMask });
 */
export function maskedLanguageModel(options: MaskedLanguageModelOptions): MaskedLanguageModel {
	checkOptions(name, options, { ...transformerOptionNames, vocabularySize: true });
	const { vocabularySize, ...ofBody } = options;
	const { dim, seed = 0 } = ofBody;
	const body = transformer(name, vocabularySize, ofBody);
	const draw = normalInitializer(seed);
	const parameters: MaskedLanguageModelParameters = keep({
		...body.initialize(draw),
		head: {
			transform: projectionParameters(draw, body.outputDim, dim),
			norm: normParameters(dim),
		},
	});
	/** What the token embeddings are held against, [count, dim]. */
	const predict = (
		current: MaskedLanguageModelParameters,
		ids: Tensor<"int32">,
		positions: Tensor<"int32">,
		given?: ForwardOptions,
	) => {
		const { hidden, ponderCost } = body.apply(current, ids, given);
		checkOperands(name, { positions }, "int32");
		checkTargets(name, "positions", positions, [positions.size], ids.size);
		const rows = embedding(reshape(hidden, [ids.size, body.outputDim]), positions);
		const { transform, norm } = current.head;
		return { predicted: applyNorm(gelu(project(rows, transform)), norm), ponderCost };
	};

	return {
		vocabularySize,
		parameters,
		logits: (current, ids, positions, given) =>
			scope(() => {
				const { predicted } = predict(current, ids, positions, given);
				return matmul(predicted, current.tokens, { transposeB: true });
			}),
		loss: (current, batch, given) =>
			scope(() => {
				checkObject(name, "batch", batch);
				const { ids, positions, targets } = batch;
				const { predicted, ponderCost } = predict(current, ids, positions, given);
				checkTargets(name, "targets", targets, positions.shape, vocabularySize, -100);
				const losses = chunkedCrossEntropy(predicted, current.tokens, targets);
				return withPonderCost(countedMean(losses, targets), ponderCost);
			}),
	};
}
