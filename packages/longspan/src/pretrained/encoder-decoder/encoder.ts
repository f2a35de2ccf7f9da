import { foldIn } from "../../nn/forward-options.js";
import type { Matrix } from "../../ops/packed-matrix.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { EncoderInputs, HiddenOutputs, RunOptions } from "../architecture.js";
import { declareNorm } from "../layers/norm.js";
import { type Declared, declareMatrix, type Loaded } from "../parameters/declare.js";
import type { EncoderDecoderConfig } from "./config.js";
import { embedTokens } from "./embeddings.js";
import { applyFeedForward, declareFeedForward } from "./feed-forward.js";
import { runLayers } from "./run-layers.js";
import { sublayer } from "./sublayer.js";

/** Self-attention of the layers of an encoder: what sets the members of the family apart. */
export interface EncoderSelfAttention<D extends Declared> {
	/** Weights of the layer whose self-attention is called `name` in the checkpoint. */
	declare(name: string): D;
	/** Names of the inputs it reads beside those of all encoders. Default: none. */
	readonly inputNames?: readonly (keyof EncoderInputs)[];
	/**
	 * Reads what the layers share of the inputs of a call.
	 *
	 * @returns attention of a layer, with its output projection: [batch, length, width] to the same shape
	 */
	start(inputs: EncoderInputs, options: RunOptions): (parameters: Loaded<D>, x: Tensor, layer: number) => Tensor;
}

function declareLayer<D extends Declared>(
	name: string,
	config: EncoderDecoderConfig,
	attention: EncoderSelfAttention<D>,
) {
	return {
		attention: attention.declare(`${name}.self_attn`),
		attentionNorm: declareNorm(`${name}.self_attn_layer_norm`, config.width),
		feedForward: declareFeedForward(name, config.width, config.encoder),
		feedForwardNorm: declareNorm(`${name}.final_layer_norm`, config.width),
	};
}

/** Weights of an encoder, but for the table of tokens. */
export function declareEncoder<D extends Declared>(
	prefix: string,
	config: EncoderDecoderConfig,
	attention: EncoderSelfAttention<D>,
) {
	const { width, encoder } = config;
	return {
		positions: declareMatrix(`${prefix}encoder.embed_positions.weight`, [encoder.positionRows, width]),
		norm: declareNorm(`${prefix}encoder.layernorm_embedding`, width),
		layers: Array.from({ length: encoder.layers }, (_, layer) =>
			declareLayer(`${prefix}encoder.layers.${layer}`, config, attention),
		),
	};
}

/** Runs an encoder over whole texts. */
export function encode<D extends Declared>(
	parameters: Loaded<ReturnType<typeof declareEncoder<D>>>,
	tokens: Matrix,
	config: EncoderDecoderConfig,
	attention: EncoderSelfAttention<D>,
	inputs: EncoderInputs,
	options: RunOptions,
): HiddenOutputs {
	const { positions, norm, layers } = parameters;
	const attend = attention.start(inputs, options);
	const embed = () => embedTokens({ tokens, positions }, inputs.inputIds, 0, config);
	return runLayers(embed, norm, config, config.encoder, options, (x, index, random) => {
		const layer = layers[index] as (typeof layers)[number];
		const attended = sublayer(x, layer.attentionNorm, config, foldIn(random, 0), (input) =>
			attend(layer.attention, input, index),
		);
		const { feedForward, feedForwardNorm } = layer;
		return sublayer(attended, feedForwardNorm, config, foldIn(random, 1), (input) =>
			applyFeedForward(input, feedForward, config, config.encoder, foldIn(random, 2)),
		);
	});
}
