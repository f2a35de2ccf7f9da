import { foldIn } from "../../nn/forward-options.js";
import type { Matrix } from "../../ops/packed-matrix.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { HiddenOutputs, RunOptions } from "../architecture.js";
import { declareNorm } from "../layers/norm.js";
import { declareMatrix, type Loaded } from "../parameters/declare.js";
import {
	type AttentionParameters,
	attendByHead,
	declareAttention,
	type KeysValues,
	projectKeysValues,
} from "./attention.js";
import type { EncoderDecoderConfig } from "./config.js";
import { embedTokens } from "./embeddings.js";
import { applyFeedForward, declareFeedForward } from "./feed-forward.js";
import { runLayers } from "./run-layers.js";
import { sublayer } from "./sublayer.js";

function declareLayer(name: string, config: EncoderDecoderConfig) {
	return {
		attention: declareAttention(`${name}.self_attn`, config),
		attentionNorm: declareNorm(`${name}.self_attn_layer_norm`, config.width),
		cross: declareAttention(`${name}.encoder_attn`, config),
		crossNorm: declareNorm(`${name}.encoder_attn_layer_norm`, config.width),
		feedForward: declareFeedForward(name, config.width, config.decoder),
		feedForwardNorm: declareNorm(`${name}.final_layer_norm`, config.width),
	};
}

/** Weights of a decoder, but for the table of tokens. */
export function declareDecoder(prefix: string, config: EncoderDecoderConfig) {
	const { width, decoder } = config;
	return {
		positions: declareMatrix(`${prefix}decoder.embed_positions.weight`, [decoder.positionRows, width]),
		norm: declareNorm(`${prefix}decoder.layernorm_embedding`, width),
		layers: Array.from({ length: decoder.layers }, (_, layer) =>
			declareLayer(`${prefix}decoder.layers.${layer}`, config),
		),
	};
}

export type DecoderParameters = Loaded<ReturnType<typeof declareDecoder>>;

/** How the layers of a decoder attend: over a whole text at once, or to what a session remembers. */
export interface DecoderAttention {
	/** From the tokens to themselves and those before them; all by head, [rows, heads, length, headDim]. */
	toTokens(layer: number, q: Tensor, tokens: KeysValues): Tensor;
	/** From the tokens to the encoder's states, with the output projection: [rows, length, width] to the same shape. */
	toEncoder(layer: number, x: Tensor, parameters: AttentionParameters): Tensor;
}

/**
 * Runs the decoder over tokens.
 *
 * @param first position of the first of them
 */
export function decode(
	{ positions, norm, layers }: DecoderParameters,
	tokens: Matrix,
	config: EncoderDecoderConfig,
	ids: Tensor<"int32">,
	first: number,
	attention: DecoderAttention,
	options: RunOptions,
): HiddenOutputs {
	const { heads } = config.decoder;
	const embed = () => embedTokens({ tokens, positions }, ids, first, config);
	return runLayers(embed, norm, config, config.decoder, options, (x, index, random) => {
		const layer = layers[index] as (typeof layers)[number];
		const attended = sublayer(x, layer.attentionNorm, config, foldIn(random, 0), (input) =>
			attendByHead(input, layer.attention, heads, (q) =>
				attention.toTokens(index, q, projectKeysValues(input, layer.attention, heads)),
			),
		);
		const crossed = sublayer(attended, layer.crossNorm, config, foldIn(random, 1), (input) =>
			attention.toEncoder(index, input, layer.cross),
		);
		attended.dispose();
		return sublayer(crossed, layer.feedForwardNorm, config, foldIn(random, 2), (input) =>
			applyFeedForward(input, layer.feedForward, config, config.decoder, foldIn(random, 3)),
		);
	});
}
