import { full } from "../../attention/full/index.js";
import type { ConfigFields } from "../config/config-fields.js";
import {
	type AttentionParameters,
	attendByHead,
	declareAttention,
	projectKeysValues,
} from "../encoder-decoder/attention.js";
import type { EncoderDecoderFamily } from "../encoder-decoder/model.js";
import { readBartConfig } from "./config.js";

/** BART: encoder and decoder with full attention. */
export function bartFamily(fields: ConfigFields): EncoderDecoderFamily<ReturnType<typeof declareAttention>> {
	const config = readBartConfig(fields);
	const { heads } = config.encoder;
	const attend = full();
	return {
		prefix: "model.",
		config,
		selfAttention: {
			declare: (name) => declareAttention(name, config),
			start:
				({ attentionMask }) =>
				(parameters: AttentionParameters, x) =>
					attendByHead(x, parameters, heads, (q) => {
						const { keys, values } = projectKeysValues(x, parameters, heads);
						return attend(q, keys, values, { keyMask: attentionMask });
					}),
		},
	};
}
