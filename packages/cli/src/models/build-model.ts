import { type Attention, type LanguageModel, languageModel, OptionError } from "longspan";
import { parseModelAttention } from "../attentions/model-attention.js";
import type { ModelConfig } from "./config.js";

export interface BuildOptions {
	/** Seed of the initial weights. Default: 0. */
	readonly seed?: number;
	/** Puts something around the attention of each layer of the list. */
	readonly adapt?: (attention: Attention) => Attention;
}

/**
 * The model of a configuration, with initial weights.
 *
 * @throws UsageError for attentions that are none, OptionError for sizes that do not fit
 */
export function buildModel(
	config: ModelConfig,
	{ seed = 0, adapt = (same) => same }: BuildOptions = {},
): LanguageModel {
	const { attention: text, maxLength, feedForward, streamMerge, recurrence, tokenizer: _, ...same } = config;
	const choice = parseModelAttention(text, "attention");
	if (choice.layers > config.layers)
		throw new OptionError(`attention: "${text}" is for ${choice.layers} layers; the model has ${config.layers}`);
	if (choice.heads > config.heads)
		throw new OptionError(
			`attention: "${text}" divides the heads of a layer among ${choice.heads}; the model has ${config.heads}`,
		);
	const { hidden, activation, chunkLength } = feedForward;
	return languageModel({
		...same,
		attention: choice.create(maxLength).map(adapt),
		...(maxLength !== null && { maxLength }),
		feedForward: {
			activation,
			...(hidden !== null && { hidden }),
			...(chunkLength !== null && { chunkLength }),
		},
		...(streamMerge !== null && { streamMerge }),
		...(recurrence !== null && { recurrence }),
		seed,
	});
}
