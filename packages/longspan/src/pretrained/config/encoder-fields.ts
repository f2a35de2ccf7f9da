import type { LinearActivation } from "../../ops/linear.js";
import { readActivation } from "../layers/activation.js";
import type { EncoderSizes } from "../layers/encoder.js";
import { readLayerCount, refuseVariants } from "./common-fields.js";
import type { ConfigFields } from "./config-fields.js";

/** What files of a model_type leave out, because it is as in the first of its checkpoints. */
export interface EncoderDefaults {
	readonly vocabularySize: number;
	readonly positions: number;
	readonly padId: number;
	readonly activation: string;
}

/** The fields that encoders in the manner of BERT share. */
export interface EncoderFields {
	readonly sizes: Omit<EncoderSizes, "positionKind" | "embeddingScale" | "dropsFirst">;
	/** Whether the scores of language models are products with the embeddings of words. */
	readonly tied: boolean;
	/** Dropout of heads: `classifier_dropout`, or that of the hidden states. */
	readonly classifierDropout: number;
}

/**
 * Reads those fields. `attention_probs_dropout_prob` is accepted and not done in training, because attention probabilities never exist as
 * a whole; what a decoder would need is refused.
 */
export function readEncoderFields(fields: ConfigFields, defaults: EncoderDefaults): EncoderFields {
	const dim = fields.integer("hidden_size", { fallback: 768 });
	const heads = fields.integer("num_attention_heads", { fallback: 12 });
	if (dim % heads !== 0) fields.fail("num_attention_heads", heads, `a divisor of hidden_size, ${dim}`);
	const layers = readLayerCount(fields, "num_hidden_layers", 12);
	const dropout = fields.share("hidden_dropout_prob", 0.1);
	fields.share("attention_probs_dropout_prob", 0.1);
	refuseVariants(fields, { encoderDecoder: false });
	fields.only("position_embedding_type", "absolute");
	fields.ignore("cross_attention_hidden_size", "use_bfloat16");
	const activation: LinearActivation = readActivation(fields, "hidden_act", defaults.activation);
	return {
		sizes: {
			vocabularySize: fields.integer("vocab_size", { fallback: defaults.vocabularySize }),
			positions: fields.integer("max_position_embeddings", { fallback: defaults.positions }),
			types: fields.integer("type_vocab_size", { fallback: 2 }),
			...{ dim, heads, layers, activation, dropout },
			hidden: fields.integer("intermediate_size", { fallback: 3072 }),
			epsilon: fields.number("layer_norm_eps", { fallback: 1e-12, min: 0 }),
			padId: fields.tokenId("pad_token_id") ?? defaults.padId,
		},
		tied: fields.flag("tie_word_embeddings", true),
		classifierDropout: fields.share("classifier_dropout", dropout),
	};
}

/** Longest input of a model whose positions count from the id of padding on, as those of RoBERTa do. */
export function readLengthAfterPadding(fields: ConfigFields): number {
	return fields.integer("max_position_embeddings", { fallback: 512 }) - (fields.tokenId("pad_token_id") ?? 1) - 1;
}
