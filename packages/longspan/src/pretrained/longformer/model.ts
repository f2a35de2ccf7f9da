import type { LongformerCallOptions } from "../../attention/longformer/index.js";
import type { Attention } from "../../attention/mechanism.js";
import type { ConfigFields } from "../config/config-fields.js";
import { readEncoderFields } from "../config/encoder-fields.js";
import { type EncoderAttention, encoder } from "../layers/encoder.js";
import { longformerAttentionWeights } from "./attention-weights.js";
import { longformerAttentions, readAttentionWindows } from "./attention-windows.js";
import { globalTokensOf } from "./global-tokens.js";
import {
	declareLongformerSelfAttention,
	type LongformerSelfAttentionParameters,
	longformerSelfAttention,
} from "./self-attention.js";

/** The encoder of a Longformer checkpoint (Beltagy et al. 2020, arXiv 2004.05150), and what its heads need. */
export function longformerEncoder(fields: ConfigFields) {
	const { sizes, tied } = readEncoderFields(fields, {
		...{ vocabularySize: 30522, positions: 512, padId: 1, activation: "gelu" },
	});
	const windows = readAttentionWindows(fields, sizes.layers);
	fields.only("is_decoder", false);
	fields.only("attention_mode", "longformer");
	fields.only("autoregressive", false);
	fields.only("ignore_attention_mask", false);
	const own = encoder(
		"longformer",
		"longformer.",
		{
			...sizes,
			...{ positionKind: "after-padding", embeddingScale: 1, dropsFirst: false },
			tiedTo: tied ? ["lm_head.decoder.weight"] : undefined,
		},
		windowAttention(sizes.dim, sizes.heads, windows),
	);
	return { encoder: own, sizes, tied, separatorId: fields.tokenId("sep_token_id") ?? 2 };
}

function windowAttention(
	dim: number,
	heads: number,
	windows: readonly number[],
): EncoderAttention<ReturnType<typeof declareLongformerSelfAttention>> {
	const mechanisms = longformerAttentions(windows);
	return {
		givesAttentions: true,
		inputNames: ["globalAttentionMask"],
		declare: (name) => declareLongformerSelfAttention(name, dim),
		start({ globalAttentionMask }, keyMask, { outputAttentions }) {
			const globals = globalTokensOf(globalAttentionMask, keyMask);
			return (layer, parameters: LongformerSelfAttentionParameters, x) => {
				const attend = mechanisms[layer] as Attention<LongformerCallOptions>;
				const attentionWindow = windows[layer] as number;
				return {
					attended: longformerSelfAttention(parameters, x, { heads, attend, keyMask, globals }),
					...(outputAttentions &&
						longformerAttentionWeights(parameters, x, { heads, attentionWindow, keyMask, globals })),
				};
			};
		},
	};
}
