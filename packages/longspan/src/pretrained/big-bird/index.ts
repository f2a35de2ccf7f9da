import type { ModelType } from "../auto/model-type.js";
import { readLabels } from "../config/labels.js";
import { baseModel } from "../heads/base.js";
import { firstTokenClassifier, tokenClassifier } from "../heads/classification.js";
import { bertHeadNames } from "../heads/language-head-names.js";
import { languageHead } from "../heads/language-model.js";
import { multipleChoiceModel } from "../heads/multiple-choice.js";
import { withHead } from "../heads/with-head.js";
import { bigBirdCausalModel } from "./causal-model.js";
import { bigBirdEncoder } from "./model.js";
import { bigBirdSpanHead, withQuestionTypes } from "./question-answering.js";

// Unlike that of BERT it has no ".dense".
const pooler = "bert.pooler";

/** BigBird checkpoints (Zaheer et al. 2020, arXiv 2007.14062). */
export const bigBirdType: ModelType = {
	prefix: "bert.",
	maxLength: (fields) => fields.integer("max_position_embeddings", { fallback: 4096 }),
	classes: {
		base: { name: "BigBirdModel", create: (fields) => baseModel(bigBirdEncoder(fields).encoder, pooler) },
		"masked-lm": {
			name: "BigBirdForMaskedLM",
			create(fields) {
				const { encoder, sizes, tied } = bigBirdEncoder(fields);
				return withHead(encoder, languageHead(encoder, { names: bertHeadNames, activation: sizes.activation, tied }));
			},
		},
		"causal-lm": { name: "BigBirdForCausalLM", create: bigBirdCausalModel },
		"sequence-classification": {
			name: "BigBirdForSequenceClassification",
			create(fields) {
				const { encoder, sizes, classifierDropout: dropout } = bigBirdEncoder(fields);
				const { activation } = sizes;
				const labels = readLabels(fields).length;
				return withHead(encoder, firstTokenClassifier(encoder, { labels, activation, dropout }));
			},
		},
		"token-classification": {
			name: "BigBirdForTokenClassification",
			create(fields) {
				const { encoder, classifierDropout: dropout } = bigBirdEncoder(fields);
				return withHead(encoder, tokenClassifier(encoder, { labels: readLabels(fields).length, dropout }));
			},
		},
		"question-answering": {
			name: "BigBirdForQuestionAnswering",
			create(fields) {
				const { encoder, separatorId } = bigBirdEncoder(fields);
				return withHead(encoder, bigBirdSpanHead(encoder, separatorId), withQuestionTypes(separatorId));
			},
		},
		"multiple-choice": {
			name: "BigBirdForMultipleChoice",
			create(fields) {
				const { encoder, sizes } = bigBirdEncoder(fields);
				return multipleChoiceModel(encoder, { pooler, dropout: sizes.dropout });
			},
		},
	},
};
