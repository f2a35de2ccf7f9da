import type { ConfigFields } from "../config/config-fields.js";
import { type EncoderDecoderConfig, readEncoderDecoderConfig } from "../encoder-decoder/config.js";
import { readAttentionWindows } from "../longformer/attention-windows.js";

export interface LedConfig extends EncoderDecoderConfig {
	/** Two-sided window of each layer of the encoder. */
	readonly attentionWindows: readonly number[];
}

/** Longest text of an LED model. */
export function readLedPositions(fields: ConfigFields): number {
	return fields.integer("max_encoder_position_embeddings", { fallback: 16384 });
}

/** Reads the sizes of an LED model (Beltagy et al. 2020, arXiv 2004.05150, section 7). Absent fields have the defaults of transformers. */
export function readLedConfig(fields: ConfigFields): LedConfig {
	const config = readEncoderDecoderConfig(fields, {
		name: "LED",
		norm: "after",
		embeddingScale: 1,
		positionOffset: 0,
		attentionBias: true,
		layers: 12,
		activation: "gelu",
		padId: 1,
		endId: 2,
		startId: 2,
		maxPositions: {
			encoder: readLedPositions(fields),
			decoder: fields.integer("max_decoder_position_embeddings", { fallback: 1024 }),
		},
		encoderInnerDropout: true,
	});
	return { ...config, attentionWindows: readAttentionWindows(fields, config.encoder.layers) };
}
