import type { LinearActivation } from "../../ops/linear.js";
import { readLayerCount, refuseVariants } from "../config/common-fields.js";
import type { ConfigFields } from "../config/config-fields.js";
import { readActivation } from "../layers/activation.js";

/** Sizes of the encoder or of the decoder. */
export interface StackConfig {
	readonly layers: number;
	readonly heads: number;
	readonly innerWidth: number;
	/** Rows of the table of positions, those before `positionOffset` included. */
	readonly positionRows: number;
	/** Share of layers that a training step leaves out (LayerDrop, Fan et al. 2019, arXiv 1909.11556). */
	readonly layerDrop: number;
	/** Share of channels between the feed-forward matrices that a training step drops. */
	readonly innerDropout: number;
}

/** What config.json says of an encoder–decoder of the family of BART. */
export interface EncoderDecoderConfig {
	/** Name of the model for errors, such as "LED". */
	readonly name: string;
	readonly vocabularySize: number;
	readonly width: number;
	readonly encoder: StackConfig;
	readonly decoder: StackConfig;
	readonly activation: LinearActivation;
	/** Share of the results of embeddings and sublayers that a training step drops. */
	readonly dropout: number;
	readonly classifierDropout: number;
	/** "before": each sublayer normalises its input, and the stack its result; "after": each normalises its result, and the embeddings are. */
	readonly norm: "before" | "after";
	/** Factor of the embeddings of tokens; the scores of the language model are without it. */
	readonly embeddingScale: number;
	/** Row of the first position in the tables. */
	readonly positionOffset: number;
	/** Whether the projections of attention have biases. */
	readonly attentionBias: boolean;
	readonly padId: number;
	/** The token whose last state a classifier reads. */
	readonly endId: number;
	/** The token that texts of the decoder begin with. */
	readonly startId: number;
}

/** What differs between the members of the family, and the defaults of their configurations. */
export interface FamilyTraits
	extends Pick<EncoderDecoderConfig, "name" | "norm" | "positionOffset" | "embeddingScale" | "attentionBias"> {
	readonly layers: number;
	readonly activation: string;
	readonly padId: number;
	readonly endId: number;
	readonly startId: number;
	/** Positions of encoder and decoder. */
	readonly maxPositions: { readonly encoder: number; readonly decoder: number };
	/** Whether the encoder, too, has `activation_dropout`. */
	readonly encoderInnerDropout: boolean;
}

/** Width of the model, with the default of the family. */
export function readWidth(fields: ConfigFields): number {
	return fields.integer("d_model", { fallback: 1024 });
}

/**
 * Reads the fields that the family has in common. Absent fields have the defaults of transformers. `attention_dropout` has no effect:
 * probabilities are never whole in memory.
 */
export function readEncoderDecoderConfig(fields: ConfigFields, traits: FamilyTraits): EncoderDecoderConfig {
	fields.ignore("attention_dropout", "num_hidden_layers");
	// Left over in older files, whose code is gone; only what it does today is supported.
	fields.ignore("classif_dropout", "replacing_rate", "save_step", "student_decoder_layers", "student_encoder_layers");
	refuseVariants(fields, { encoderDecoder: true });
	fields.only("is_decoder", false);
	fields.only("tie_word_embeddings", true);
	if (traits.norm === "after") refuseOlderVariants(fields);
	const width = readWidth(fields);
	const { maxPositions, encoderInnerDropout, layers, activation, padId, endId, startId, ...fixed } = traits;
	const innerDropout = fields.share("activation_dropout", 0);
	const stack = (name: "encoder" | "decoder"): StackConfig => {
		const heads = fields.integer(`${name}_attention_heads`, { fallback: 16 });
		if (width % heads !== 0) fields.fail(`${name}_attention_heads`, heads, `a divisor of d_model, ${width}`);
		return {
			layers: readLayerCount(fields, `${name}_layers`, layers),
			heads,
			innerWidth: fields.integer(`${name}_ffn_dim`, { fallback: 4096 }),
			positionRows: maxPositions[name] + traits.positionOffset,
			layerDrop: fields.share(`${name}_layerdrop`, 0),
			innerDropout: name === "decoder" || encoderInnerDropout ? innerDropout : 0,
		};
	};
	const config: EncoderDecoderConfig = {
		...fixed,
		vocabularySize: fields.integer("vocab_size", { fallback: 50265 }),
		width,
		encoder: stack("encoder"),
		decoder: stack("decoder"),
		activation: readActivation(fields, "activation_function", activation),
		dropout: fields.share("dropout", 0.1),
		classifierDropout: fields.share("classifier_dropout", 0),
		padId: fields.tokenId("pad_token_id") ?? padId,
		endId: fields.tokenId("eos_token_id") ?? endId,
		startId: fields.tokenId("decoder_start_token_id") ?? startId,
	};
	for (const [field, id] of [
		["pad_token_id", config.padId],
		["decoder_start_token_id", config.startId],
	] as const)
		if (id >= config.vocabularySize) fields.fail(field, id, `a token below vocab_size, ${config.vocabularySize}`);
	return config;
}

/** Variants of BART that its older files, and those made from them, name; transformers computes this one alone. */
function refuseOlderVariants(fields: ConfigFields): void {
	for (const name of [
		"add_bias_logits",
		"add_final_layer_norm",
		"do_blenderbot_90_layernorm",
		"normalize_before",
		"static_position_embeddings",
	])
		fields.only(name, false);
	fields.only("normalize_embedding", true);
}
