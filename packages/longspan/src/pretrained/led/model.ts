import type { LongformerCallOptions } from "../../attention/longformer/index.js";
import type { Attention } from "../../attention/mechanism.js";
import { scope } from "../../tensor/scope.js";
import type { ConfigFields } from "../config/config-fields.js";
import type { EncoderDecoderFamily } from "../encoder-decoder/model.js";
import { applyLinear, declareLinear } from "../layers/linear.js";
import { longformerAttentions } from "../longformer/attention-windows.js";
import { globalTokensOf } from "../longformer/global-tokens.js";
import { declareLongformerSelfAttention, longformerSelfAttention } from "../longformer/self-attention.js";
import type { Loaded } from "../parameters/declare.js";
import { readLedConfig } from "./config.js";

function declareAttention(name: string, width: number) {
	return {
		self: declareLongformerSelfAttention(`${name}.longformer_self_attn`, width),
		output: declareLinear(`${name}.output`, width, width),
	};
}

/** LED: BART with the self-attention of Longformer in the encoder. Without `globalAttentionMask` no token is global. */
export function ledFamily(fields: ConfigFields): EncoderDecoderFamily<ReturnType<typeof declareAttention>> {
	const config = readLedConfig(fields);
	const { heads } = config.encoder;
	const mechanisms = longformerAttentions(config.attentionWindows);
	return {
		prefix: "led.",
		config,
		selfAttention: {
			declare: (name) => declareAttention(name, config.width),
			inputNames: ["globalAttentionMask"],
			start({ attentionMask: keyMask, globalAttentionMask }) {
				const globals = globalTokensOf(globalAttentionMask, keyMask);
				return ({ self, output }: Loaded<ReturnType<typeof declareAttention>>, x, layer) =>
					scope(() => {
						const attend = mechanisms[layer] as Attention<LongformerCallOptions>;
						return applyLinear(longformerSelfAttention(self, x, { heads, attend, keyMask, globals }), output);
					});
			},
		},
	};
}
