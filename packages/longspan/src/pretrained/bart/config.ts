import type { ConfigFields } from "../config/config-fields.js";
import { type EncoderDecoderConfig, readEncoderDecoderConfig, readWidth } from "../encoder-decoder/config.js";

/** Longest text of a BART model. */
export function readBartPositions(fields: ConfigFields): number {
	return fields.integer("max_position_embeddings", { fallback: 1024 });
}

/** Reads the sizes of a BART model (Lewis et al. 2019, arXiv 1910.13461). Absent fields have the defaults of transformers. */
export function readBartConfig(fields: ConfigFields): EncoderDecoderConfig {
	// What older files call `positionOffset`.
	fields.only("extra_pos_embeddings", 2);
	const positions = readBartPositions(fields);
	return readEncoderDecoderConfig(fields, {
		name: "BART",
		norm: "after",
		embeddingScale: fields.flag("scale_embedding", false) ? Math.sqrt(readWidth(fields)) : 1,
		// Two rows were once of padding.
		positionOffset: 2,
		attentionBias: true,
		layers: 12,
		activation: "gelu",
		padId: 1,
		endId: 2,
		startId: 2,
		maxPositions: { encoder: positions, decoder: positions },
		encoderInnerDropout: true,
	});
}
