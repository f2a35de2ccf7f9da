import { scope } from "../../tensor/scope.js";
import { bigBirdAttentions } from "../big-bird/self-attention.js";
import type { ConfigFields } from "../config/config-fields.js";
import type { EncoderDecoderFamily } from "../encoder-decoder/model.js";
import { applyLinear, declareLinear } from "../layers/linear.js";
import { declareSelfAttention, selfAttention } from "../layers/self-attention.js";
import type { Loaded } from "../parameters/declare.js";
import { type BigBirdPegasusConfig, readBigBirdPegasusConfig } from "./config.js";

function declareAttention(name: string, { width, attentionBias: bias }: BigBirdPegasusConfig) {
	return {
		self: declareSelfAttention(`${name}.self`, width, { bias }),
		output: declareLinear(`${name}.output`, width, width, { bias }),
	};
}

/** BigBird-Pegasus: an encoder with the attention of BigBird, norms before the sublayers. */
export function bigBirdPegasusFamily(fields: ConfigFields): EncoderDecoderFamily<ReturnType<typeof declareAttention>> {
	const config = readBigBirdPegasusConfig(fields);
	const { heads, layers } = config.encoder;
	const attentionOf = bigBirdAttentions({ ...config, layers });
	return {
		prefix: "model.",
		config,
		selfAttention: {
			declare: (name) => declareAttention(name, config),
			start:
				({ attentionMask }, options) =>
				({ self, output }: Loaded<ReturnType<typeof declareAttention>>, x, layer) =>
					scope(() => {
						const attend = attentionOf(layer, options);
						const attended = selfAttention(self, x, heads, (q, k, v) => attend(q, k, v, attentionMask));
						return applyLinear(attended, output);
					}),
		},
	};
}
