import type { ModelType } from "../auto/model-type.js";
import { readLengthAfterPadding } from "../config/encoder-fields.js";
import { readLabels } from "../config/labels.js";
import { baseModel } from "../heads/base.js";
import { firstTokenClassifier, pooledClassifier, tokenClassifier } from "../heads/classification.js";
import { bertHeadNames, robertaHeadNames } from "../heads/language-head-names.js";
import { languageHead } from "../heads/language-model.js";
import { multipleChoiceModel } from "../heads/multiple-choice.js";
import { spanHead } from "../heads/spans.js";
import { withHead } from "../heads/with-head.js";
import { bertEncoder, robertaEncoder } from "./model.js";

const bertPooler = "bert.pooler.dense";

/** BERT checkpoints (Devlin et al. 2019, arXiv 1810.04805). */
export const bertType: ModelType = {
	prefix: "bert.",
	maxLength: (fields) => fields.integer("max_position_embeddings", { fallback: 512 }),
	classes: {
		base: { name: "BertModel", create: (fields) => baseModel(bertEncoder(fields).encoder, bertPooler) },
		"masked-lm": {
			name: "BertForMaskedLM",
			create(fields) {
				const { encoder, sizes, tied } = bertEncoder(fields);
				return withHead(encoder, languageHead(encoder, { names: bertHeadNames, activation: sizes.activation, tied }));
			},
		},
		"sequence-classification": {
			name: "BertForSequenceClassification",
			create(fields) {
				const { encoder, classifierDropout: dropout } = bertEncoder(fields);
				const labels = readLabels(fields).length;
				return withHead(encoder, pooledClassifier(encoder, { pooler: bertPooler, labels, dropout }));
			},
		},
		"token-classification": {
			name: "BertForTokenClassification",
			create(fields) {
				const { encoder, classifierDropout: dropout } = bertEncoder(fields);
				return withHead(encoder, tokenClassifier(encoder, { labels: readLabels(fields).length, dropout }));
			},
		},
		"question-answering": {
			name: "BertForQuestionAnswering",
			create(fields) {
				const { encoder } = bertEncoder(fields);
				return withHead(encoder, spanHead(encoder));
			},
		},
		"multiple-choice": {
			name: "BertForMultipleChoice",
			create(fields) {
				const { encoder, classifierDropout: dropout } = bertEncoder(fields);
				return multipleChoiceModel(encoder, { pooler: bertPooler, dropout });
			},
		},
	},
};

const robertaPooler = "roberta.pooler.dense";

/** RoBERTa checkpoints (Liu et al. 2019, arXiv 1907.11692). */
export const robertaType: ModelType = {
	prefix: "roberta.",
	maxLength: readLengthAfterPadding,
	classes: {
		base: { name: "RobertaModel", create: (fields) => baseModel(robertaEncoder(fields).encoder, robertaPooler) },
		"masked-lm": {
			name: "RobertaForMaskedLM",
			create(fields) {
				const { encoder, tied } = robertaEncoder(fields);
				return withHead(encoder, languageHead(encoder, { names: robertaHeadNames, activation: "gelu", tied }));
			},
		},
		"sequence-classification": {
			name: "RobertaForSequenceClassification",
			create(fields) {
				const { encoder, classifierDropout: dropout } = robertaEncoder(fields);
				const labels = readLabels(fields).length;
				return withHead(encoder, firstTokenClassifier(encoder, { labels, activation: "tanh", dropout }));
			},
		},
		"token-classification": {
			name: "RobertaForTokenClassification",
			create(fields) {
				const { encoder, classifierDropout: dropout } = robertaEncoder(fields);
				return withHead(encoder, tokenClassifier(encoder, { labels: readLabels(fields).length, dropout }));
			},
		},
		"question-answering": {
			name: "RobertaForQuestionAnswering",
			create(fields) {
				const { encoder } = robertaEncoder(fields);
				return withHead(encoder, spanHead(encoder));
			},
		},
		"multiple-choice": {
			name: "RobertaForMultipleChoice",
			create(fields) {
				const { encoder, sizes } = robertaEncoder(fields);
				return multipleChoiceModel(encoder, { pooler: robertaPooler, dropout: sizes.dropout });
			},
		},
	},
};
