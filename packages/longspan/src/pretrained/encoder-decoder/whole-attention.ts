import { full } from "../../attention/full/index.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { EncoderDecoderInputs } from "../architecture.js";
import { attendByHead, projectKeysValues } from "./attention.js";
import type { DecoderAttention } from "./decoder.js";

/** Attention of a decoder over a whole text, and from it to the states of the encoder. Its plans are kept from call to call. */
export function wholeAttention(heads: number) {
	const toAll = full();
	const toEarlier = full({ causal: true });
	return (encoded: Tensor, inputs: EncoderDecoderInputs): DecoderAttention => {
		const { decoderAttentionMask, attentionMask } = inputs;
		return {
			toTokens: (_, q, { keys, values }) => toEarlier(q, keys, values, { keyMask: decoderAttentionMask }),
			toEncoder: (_, x, parameters) =>
				attendByHead(x, parameters, heads, (q) => {
					const { keys, values } = projectKeysValues(encoded, parameters, heads);
					return toAll(q, keys, values, { keyMask: attentionMask });
				}),
		};
	};
}
