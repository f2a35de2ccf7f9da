import { full } from "../../attention/full/index.js";
import type { EncoderAttention } from "../layers/encoder.js";
import { declareSelfAttention, type SelfAttentionParameters, selfAttention } from "../layers/self-attention.js";

/** Full attention in every layer of an encoder. */
export function denseAttention(dim: number, heads: number): EncoderAttention<ReturnType<typeof declareSelfAttention>> {
	const attend = full();
	return {
		givesAttentions: false,
		declare: (name) => declareSelfAttention(name, dim),
		start: (_inputs, keyMask) => (_layer, parameters: SelfAttentionParameters, x) => ({
			attended: selfAttention(parameters, x, heads, (q, k, v) => attend(q, k, v, { keyMask })),
		}),
	};
}
