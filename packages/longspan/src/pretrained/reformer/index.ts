import type { ModelType } from "../auto/model-type.js";
import type { ConfigFields } from "../config/config-fields.js";
import { readLabels } from "../config/labels.js";
import { type ReformerConfig, readReformerConfig } from "./config.js";
import { reformerClassifier, reformerGenerator, reformerLanguageModel, reformerSpans } from "./heads.js";
import { longestInput } from "./lengths.js";
import { reformerModel } from "./model.js";

/** The config of a class that needs `is_decoder` to be this. */
function readWithCausality(fields: ConfigFields, causal: boolean): ReformerConfig {
	const config = readReformerConfig(fields);
	if (config.causal !== causal)
		fields.fail("is_decoder", config.causal, `${causal}, as a ${causal ? "causal" : "masked"} language model has it`);
	return config;
}

/** Checkpoints of Reformer (Kitaev et al. 2020, arXiv 2001.04451). */
export const reformerType: ModelType = {
	prefix: "reformer.",
	maxLength: (fields) => longestInput(readReformerConfig(fields)),
	classes: {
		base: { name: "ReformerModel", create: (fields) => reformerModel(readReformerConfig(fields)) },
		"causal-lm": {
			name: "ReformerModelWithLMHead",
			create: (fields) => reformerGenerator(readWithCausality(fields, true)),
		},
		"masked-lm": {
			name: "ReformerForMaskedLM",
			create: (fields) => reformerLanguageModel(readWithCausality(fields, false)),
		},
		"sequence-classification": {
			name: "ReformerForSequenceClassification",
			create(fields) {
				const config = readReformerConfig(fields);
				const rate = fields.share("classifier_dropout", config.dropout);
				return reformerClassifier(config, readLabels(fields).length, rate);
			},
		},
		"question-answering": {
			name: "ReformerForQuestionAnswering",
			create(fields) {
				const labels = readLabels(fields).length;
				if (labels !== 2) fields.fail("num_labels", labels, "2, the scores of the start and of the end");
				return reformerSpans(readReformerConfig(fields));
			},
		},
	},
};
