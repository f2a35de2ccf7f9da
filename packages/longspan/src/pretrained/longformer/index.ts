import type { ModelType } from "../auto/model-type.js";
import { readLengthAfterPadding } from "../config/encoder-fields.js";
import { readLabels } from "../config/labels.js";
import { baseModel } from "../heads/base.js";
import { firstTokenClassifier, tokenClassifier } from "../heads/classification.js";
import { robertaHeadNames } from "../heads/language-head-names.js";
import { languageHead } from "../heads/language-model.js";
import { multipleChoiceModel } from "../heads/multiple-choice.js";
import { spanHead } from "../heads/spans.js";
import { withHead } from "../heads/with-head.js";
import { withGlobalChoice, withGlobalFirstToken, withGlobalQuestion } from "./default-globals.js";
import { longformerEncoder } from "./model.js";

const pooler = "longformer.pooler.dense";

/** Longformer checkpoints (Beltagy et al. 2020, arXiv 2004.05150). */
export const longformerType: ModelType = {
	prefix: "longformer.",
	maxLength: readLengthAfterPadding,
	classes: {
		base: { name: "LongformerModel", create: (fields) => baseModel(longformerEncoder(fields).encoder, pooler) },
		"masked-lm": {
			name: "LongformerForMaskedLM",
			create(fields) {
				const { encoder, tied } = longformerEncoder(fields);
				return withHead(encoder, languageHead(encoder, { names: robertaHeadNames, activation: "gelu", tied }));
			},
		},
		"sequence-classification": {
			name: "LongformerForSequenceClassification",
			create(fields) {
				const { encoder, sizes } = longformerEncoder(fields);
				const options = { labels: readLabels(fields).length, activation: "tanh", dropout: sizes.dropout } as const;
				return withHead(encoder, firstTokenClassifier(encoder, options), withGlobalFirstToken);
			},
		},
		"token-classification": {
			name: "LongformerForTokenClassification",
			create(fields) {
				const { encoder, sizes } = longformerEncoder(fields);
				const options = { labels: readLabels(fields).length, dropout: sizes.dropout };
				return withHead(encoder, tokenClassifier(encoder, options));
			},
		},
		"question-answering": {
			name: "LongformerForQuestionAnswering",
			create(fields) {
				const { encoder, separatorId } = longformerEncoder(fields);
				return withHead(encoder, spanHead(encoder), withGlobalQuestion(separatorId));
			},
		},
		"multiple-choice": {
			name: "LongformerForMultipleChoice",
			create(fields) {
				const { encoder, sizes, separatorId } = longformerEncoder(fields);
				return multipleChoiceModel(encoder, { pooler, dropout: sizes.dropout }, withGlobalChoice(separatorId));
			},
		},
	},
};
