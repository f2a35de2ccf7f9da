import type { ConfigFields } from "../config/config-fields.js";
import { readEncoderFields } from "../config/encoder-fields.js";
import { encoder } from "../layers/encoder.js";
import { denseAttention } from "./dense-attention.js";

/** The encoder of a BERT checkpoint (Devlin et al. 2019, arXiv 1810.04805), and what its heads need. */
export function bertEncoder(fields: ConfigFields) {
	const { sizes, tied, classifierDropout } = readEncoderFields(fields, {
		...{ vocabularySize: 30522, positions: 512, padId: 0, activation: "gelu" },
	});
	fields.only("is_decoder", false);
	// Fields of the first multilingual checkpoints, which nothing ever read.
	fields.ignore("directionality", "pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers");
	fields.ignore("pooler_size_per_head", "pooler_type");
	const own = encoder(
		"bert",
		"bert.",
		{
			...sizes,
			...{ positionKind: "absolute", embeddingScale: 1, dropsFirst: false },
			tiedTo: tied ? ["cls.predictions.decoder.weight"] : undefined,
		},
		denseAttention(sizes.dim, sizes.heads),
	);
	return { encoder: own, sizes, tied, classifierDropout };
}

/** The encoder of a RoBERTa checkpoint (Liu et al. 2019, arXiv 1907.11692): BERT's, with positions that count from the padding on. */
export function robertaEncoder(fields: ConfigFields) {
	const { sizes, tied, classifierDropout } = readEncoderFields(fields, {
		...{ vocabularySize: 50265, positions: 512, padId: 1, activation: "gelu" },
	});
	fields.only("is_decoder", false);
	const own = encoder(
		"roberta",
		"roberta.",
		{
			...sizes,
			...{ positionKind: "after-padding", embeddingScale: 1, dropsFirst: false },
			tiedTo: tied ? ["lm_head.decoder.weight"] : undefined,
		},
		denseAttention(sizes.dim, sizes.heads),
	);
	return { encoder: own, sizes, tied, classifierDropout };
}
