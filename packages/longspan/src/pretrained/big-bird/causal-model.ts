import { causalPlan } from "../../attention/plan/builders.js";
import type { HeadPlans } from "../../attention/plan/encode.js";
import { forAllHeads, softmaxAttention } from "../../attention/softmax/index.js";
import { KeyValueCache } from "../../attention/softmax/key-value-cache.js";
import { OptionError, ShapeError } from "../../errors.js";
import { checkRows } from "../../generate/check-rows.js";
import { checkAlive, checkNextTokens } from "../../generate/check-session.js";
import type { DecoderSession } from "../../generate/decoder-session.js";
import { reshape } from "../../ops/reshape.js";
import { slice } from "../../ops/slice.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { EncoderInputs } from "../architecture.js";
import type { ConfigFields } from "../config/config-fields.js";
import { bertHeadNames } from "../heads/language-head-names.js";
import { type LanguageHeadParameters, languageHead, scoreVocabulary } from "../heads/language-model.js";
import { withHead } from "../heads/with-head.js";
import { checkEncoderInputs, checkInputNames } from "../layers/encoder-inputs.js";
import { absolutePositions } from "../layers/position-ids.js";
import { type SelfAttentionParameters, selfAttention } from "../layers/self-attention.js";
import { bigBirdEncoder } from "./model.js";

/** BigBird as a language model that writes, which has full attention. */
export function bigBirdCausalModel(fields: ConfigFields) {
	const { encoder, sizes, tied } = bigBirdEncoder(fields, { causal: true });
	const { name } = encoder;
	const { activation, epsilon, dim, heads, positions, layers } = sizes;
	const model = withHead(encoder, languageHead(encoder, { names: bertHeadNames, activation, tied }));
	type Weights = Parameters<typeof model.forward>[0];

	/** Of the inputs, `inputIds` says how many rows there are; none of them is fed yet. */
	function startDecoding(parameters: Weights, inputs: EncoderInputs): DecoderSession {
		checkInputNames(name, inputs, encoder.inputNames);
		if (checkEncoderInputs(name, inputs, { ...sizes, maxLength: positions }))
			throw new OptionError(`${name}: attentionMask hides tokens; expected prompts of one length, without padding`);
		const entries = inputs.inputIds.shape[0] as number;
		const caches = Array.from(
			{ length: layers },
			() => new KeyValueCache({ batch: entries, heads, headDim: dim / heads }),
		);
		let [rows, position, disposed] = [entries, 0, false];
		/** One plan for all layers: their caches have the same length. */
		let plans: HeadPlans;
		const attend = (layer: number, q: Tensor, k: Tensor, v: Tensor): Tensor => {
			const cache = caches[layer] as KeyValueCache;
			cache.append(k, v);
			if (layer === 0) plans = forAllHeads(causalPlan(q.shape[2] as number, cache.capacity, position));
			return scope(() => softmaxAttention(q, cache.keys, cache.values, plans, {}, name).output);
		};
		return {
			get position() {
				return position;
			},
			get stateBytes() {
				return caches.reduce((sum, { bytes }) => sum + bytes, 0);
			},
			append(ids) {
				checkAlive(name, disposed);
				checkNextTokens(name, ids, rows, sizes.vocabularySize);
				const length = ids.shape[1] as number;
				if (position + length > positions)
					throw new ShapeError(
						`${name}: ${position + length} tokens were fed; expected at most ${positions}, the positions the model has`,
					);
				const scores = scope(() => {
					const tokens = { inputIds: ids, positionIds: absolutePositions(length, ids.device, position) };
					const states = encoder.run(parameters.encoder, tokens, (layer, own: SelfAttentionParameters, x) => ({
						attended: selfAttention(own, x, heads, (q, k, v) => attend(layer, q, k, v)),
					}));
					const last = reshape(slice(states.lastHiddenState, 1, length - 1), [rows, dim]);
					return scoreVocabulary(parameters.head as LanguageHeadParameters, last, activation, epsilon);
				});
				position += length;
				return scores;
			},
			select(chosen) {
				checkAlive(name, disposed);
				checkRows(name, chosen, rows, entries);
				for (const cache of caches) cache.select(chosen);
				rows = chosen.length;
			},
			dispose() {
				disposed = true;
				for (const cache of caches) cache.dispose();
			},
		};
	}
	return { ...model, startDecoding };
}
