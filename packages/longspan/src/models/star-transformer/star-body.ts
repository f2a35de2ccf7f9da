import { type StarLayerOptions, type StarNodes, starTransformerLayer } from "../../attention/star-transformer/layer.js";
import type { StarLayerWeights } from "../../attention/star-transformer/layer-weights.js";
import { meanNode } from "../../attention/star-transformer/mean-node.js";
import { checkLengths, tokenMask } from "../../attention/star-transformer/ring.js";
import { foldIn } from "../../nn/forward-options.js";
import type { Initializer } from "../../nn/initialize.js";
import { type PositionParameters, type Positions, positionEmbedding } from "../../nn/positions/index.js";
import {
	checkChoice,
	checkNumber,
	checkObject,
	checkOptions,
	checkShare,
	type OptionNames,
} from "../../ops/operands.js";
import { dropout, type RandomSource } from "../../ops/random.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { checkTokenParameters, embedTokens } from "../embed-tokens.js";

export interface StarEncoderOptions extends StarLayerOptions {
	/** Number of token ids. Default: 256, for bytes. */
	vocabularySize?: number;
	/** Width of the nodes, a multiple of `heads` unless `headDim` is given. */
	dim: number;
	/** Default: dim / heads. */
	headDim?: number;
	layers: number;
	/** Added to the embeddings. Default: "none"; the ring tells neighbours apart from others. */
	positions?: Exclude<Positions, "rotary">;
	/** Longest sequence; needed with learned positions only. */
	maxLength?: number;
	/** Part of the embeddings that is dropped in training. Default: 0. */
	dropout?: number;
	/** Names the random numbers the weights are drawn from. Default: 0. */
	seed?: number;
}

export const starEncoderOptionNames: OptionNames<StarEncoderOptions> = {
	heads: true,
	ring: true,
	normalization: true,
	activation: true,
	epsilon: true,
	vocabularySize: true,
	dim: true,
	headDim: true,
	layers: true,
	positions: true,
	maxLength: true,
	dropout: true,
	seed: true,
};

/** Weights of a Star-Transformer. */
export type StarEncoderParameters = {
	/** [vocabularySize, dim] */
	readonly tokens: Tensor;
	readonly positions: PositionParameters;
	readonly layers: readonly StarLayerWeights[];
};

/** What a forward pass takes beside its input and its weights. */
export interface StarForwardOptions {
	/** Number of tokens of each sequence, which come first. Default: all are tokens. */
	lengths?: readonly number[] | undefined;
	/** Source of the random numbers of dropout, its `step` that of the training. Default: none, so nothing is dropped. */
	random?: RandomSource | undefined;
}

/** What the star models have in common. */
export interface StarBody {
	initialize(draw: Initializer): StarEncoderParameters;
	/** @param ids int32 [batch, length] */
	apply(parameters: StarEncoderParameters, ids: Tensor<"int32">, options?: StarForwardOptions): StarNodes;
}

/** 1 for tokens, int32 [batch, length]; undefined if all are. */
export function maskOf(
	name: string,
	lengths: readonly number[] | undefined,
	{ shape, device }: Tensor<"int32">,
): Tensor<"int32"> | undefined {
	const [batch, length] = shape as [number, number];
	return lengths && tokenMask(checkLengths(name, lengths, batch, length), length, device);
}

/** Embeddings, their mean as the first relay node, and layers with weights of their own. */
export function starBody(name: string, options: StarEncoderOptions): StarBody {
	checkOptions(name, options, starEncoderOptionNames);
	const { vocabularySize = 256, dim, headDim, layers, positions = "none", maxLength, dropout: rate = 0 } = options;
	for (const [option, value] of Object.entries({ vocabularySize, dim, layers, heads: options.heads }))
		checkNumber(name, option, value, { min: 1, integer: true });
	if (typeof positions !== "object") checkChoice(name, "positions", positions, ["learned", "sinusoidal", "none"]);
	checkShare(name, "dropout", rate);
	const embedPositions = positionEmbedding(name, positions, maxLength, dim);
	const layer = starTransformerLayer(options);
	return {
		initialize: (draw) => ({
			tokens: draw([vocabularySize, dim], 1 / Math.sqrt(dim)),
			positions: embedPositions?.initialize(draw) ?? {},
			layers: Array.from({ length: layers }, () =>
				layer.initialize({ dim, ...(headDim !== undefined && { headDim }), seed: draw.nextSeed() }),
			),
		}),
		apply: (parameters, ids, given = {}) =>
			scope(() => {
				checkOptions(name, given, { lengths: true, random: true });
				const { lengths, random } = given;
				checkObject(name, "parameters", parameters);
				checkTokenParameters(name, parameters, { vocabularySize, dim }, ["layers", parameters.layers, layers]);
				const embedded = embedTokens(name, parameters, ids, embedPositions);
				const source = foldIn(random, 0);
				const embeddings = source && rate > 0 ? dropout(embedded, rate, source) : embedded;
				const first: StarNodes = { nodes: embeddings, relay: meanNode(embeddings, maskOf(name, lengths, ids)) };
				return parameters.layers.reduce(
					({ nodes, relay }, weights) => layer({ nodes, relay, embeddings, ...(lengths && { lengths }) }, weights),
					first,
				);
			}),
	};
}
