import { full } from "../../attention/full/index.js";
import type { ConfigFields } from "../config/config-fields.js";
import { readEncoderFields } from "../config/encoder-fields.js";
import { type EncoderAttention, encoder } from "../layers/encoder.js";
import { declareSelfAttention, type SelfAttentionParameters, selfAttention } from "../layers/self-attention.js";
import { bigBirdAttentions } from "./self-attention.js";

export interface BigBirdEncoderOptions {
	/** Whether tokens see those before them alone, as in a language model that writes. Default: false. */
	readonly causal?: boolean;
}

/** The encoder of a BigBird checkpoint (Zaheer et al. 2020, arXiv 2007.14062), and what its heads need. */
export function bigBirdEncoder(fields: ConfigFields, { causal = false }: BigBirdEncoderOptions = {}) {
	const { sizes, tied, classifierDropout } = readEncoderFields(fields, {
		...{ vocabularySize: 50358, positions: 4096, padId: 0, activation: "gelu_new" },
	});
	const attentionType = fields.choice("attention_type", ["block_sparse", "original_full"], "block_sparse");
	const blockSize = fields.integer("block_size", { fallback: 64 });
	const randomBlocks = fields.integer("num_random_blocks", { fallback: 3 });
	const bias = fields.flag("use_bias", true);
	const isDecoder = fields.flag("is_decoder", false);
	if (isDecoder !== causal)
		fields.fail("is_decoder", isDecoder, causal ? "true, for a causal language model" : "false");
	if (causal && attentionType !== "original_full")
		fields.fail("attention_type", attentionType, '"original_full", as there is no causal block-sparse attention');
	const { dim, heads, layers } = sizes;
	const attendOf = causal
		? causalAttentions()
		: bigBirdAttentions({ attentionType, blockSize, randomBlocks, maxPositions: sizes.positions, layers });
	const attention: EncoderAttention<ReturnType<typeof declareSelfAttention>> = {
		givesAttentions: false,
		declare: (name) => declareSelfAttention(name, dim, { bias }),
		start: (_inputs, keyMask, options) => (layer, parameters: SelfAttentionParameters, x) => {
			const attend = attendOf(layer, options);
			return { attended: selfAttention(parameters, x, heads, (q, k, v) => attend(q, k, v, keyMask)) };
		},
	};
	const own = encoder(
		"big_bird",
		"bert.",
		{
			...sizes,
			positionKind: "absolute",
			embeddingScale: fields.flag("rescale_embeddings", false) ? Math.sqrt(dim) : 1,
			dropsFirst: true,
			tiedTo: tied ? ["cls.predictions.decoder.weight"] : undefined,
		},
		attention,
	);
	return { encoder: own, sizes, tied, classifierDropout, separatorId: fields.tokenId("sep_token_id") ?? 66 };
}

function causalAttentions(): ReturnType<typeof bigBirdAttentions> {
	const attend = full({ causal: true });
	return () => (q, k, v, keyMask) => attend(q, k, v, { keyMask });
}
