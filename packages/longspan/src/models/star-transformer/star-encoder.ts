import type { StarNodes } from "../../attention/star-transformer/layer.js";
import { normalInitializer } from "../../nn/initialize.js";
import { keep } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { type StarEncoderOptions, type StarEncoderParameters, type StarForwardOptions, starBody } from "./star-body.js";

export interface StarEncoder {
	/** Initial weights, free to be replaced by trained ones. */
	readonly parameters: StarEncoderParameters;
	/**
	 * The nodes after the last layer.
	 *
	 * @param ids int32 [batch, length]
	 * @returns nodes [batch, length, dim], 0 at padding, and relay [batch, 1, dim]
	 */
	encode(parameters: StarEncoderParameters, ids: Tensor<"int32">, options?: StarForwardOptions): StarNodes;
}

/**
 * A Star-Transformer (Guo et al. 2019, arXiv 1902.09113, algorithm 1): embeddings of tokens, their mean as the first relay node, and
 * layers with weights of their own. Time and memory are proportional to the length. A sequence has the same nodes with padding behind it as
 * without, because ring and mean are those of its `lengths` tokens.
 *
 * @throws OptionError for sizes below 1 or that do not fit
 * @example
 * const encoder = starEncoder({ dim: 128, layers: 2, heads: 4 });
 * const { ids, lengths } = padSequences(texts);
 * const { nodes, relay } = encoder.encode(encoder.parameters, ids, { lengths });
 */
export function starEncoder(options: StarEncoderOptions): StarEncoder {
	const body = starBody("starEncoder", options);
	return { parameters: keep(body.initialize(normalInitializer(options.seed ?? 0))), encode: body.apply };
}
