import type { ConfigFields } from "../config/config-fields.js";
import { type EncoderDecoderConfig, readEncoderDecoderConfig, readWidth } from "../encoder-decoder/config.js";

export interface BigBirdPegasusConfig extends EncoderDecoderConfig {
	/** Attention of the encoder. */
	readonly attentionType: "block_sparse" | "original_full";
	readonly blockSize: number;
	readonly randomBlocks: number;
	readonly maxPositions: number;
}

/** Longest text of a BigBird-Pegasus model. */
export function readBigBirdPegasusPositions(fields: ConfigFields): number {
	return fields.integer("max_position_embeddings", { fallback: 4096 });
}

/** Reads the sizes of a BigBird-Pegasus model (Zaheer et al. 2020, arXiv 2007.14062). Absent fields have the defaults of transformers. */
export function readBigBirdPegasusConfig(fields: ConfigFields): BigBirdPegasusConfig {
	const maxPositions = readBigBirdPegasusPositions(fields);
	const config = readEncoderDecoderConfig(fields, {
		name: "BigBird-Pegasus",
		norm: "before",
		embeddingScale: fields.flag("scale_embedding", true) ? Math.sqrt(readWidth(fields)) : 1,
		positionOffset: 0,
		attentionBias: fields.flag("use_bias", false),
		layers: 16,
		activation: "gelu_new",
		padId: 0,
		endId: 1,
		startId: 2,
		maxPositions: { encoder: maxPositions, decoder: maxPositions },
		encoderInnerDropout: false,
	});
	return {
		...config,
		attentionType: fields.choice("attention_type", ["block_sparse", "original_full"], "block_sparse"),
		blockSize: fields.integer("block_size", { fallback: 64 }),
		randomBlocks: fields.integer("num_random_blocks", { fallback: 3 }),
		maxPositions,
	};
}
