import type { Architecture, EncoderInputs, HiddenOutputs } from "../architecture.js";
import type { ModelType } from "../auto/model-type.js";
import { readLabels } from "../config/labels.js";
import { baseModel } from "../heads/base.js";
import { firstTokenClassifier, tokenClassifier } from "../heads/classification.js";
import { bertHeadNames } from "../heads/language-head-names.js";
import { languageHead } from "../heads/language-model.js";
import { multipleChoiceModel } from "../heads/multiple-choice.js";
import { withHead } from "../heads/with-head.js";
import { declareLinear } from "../layers/linear.js";
import { bigBirdCausalModel } from "./causal-model.js";
import { bigBirdEncoder } from "./model.js";
import { bigBirdSpanHead, withQuestionTypes } from "./question-answering.js";

// Unlike that of BERT it has no ".dense".
const pooler = "bert.pooler";

/** A class whose checkpoints have a pooler that it does not use: it is kept, to be saved again. */
function withUnusedPooler<A extends Architecture<EncoderInputs, HiddenOutputs>>(architecture: A, dim: number) {
	const unused = declareLinear(pooler, dim, dim, { optional: true });
	return { ...architecture, declared: { ...architecture.declared, unused } };
}

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
				const head = languageHead(encoder, { names: bertHeadNames, activation: sizes.activation, tied });
				return withUnusedPooler(withHead(encoder, head), sizes.dim);
			},
		},
		"causal-lm": {
			name: "BigBirdForCausalLM",
			create(fields) {
				const { sizes } = bigBirdEncoder(fields, { causal: true });
				return withUnusedPooler(bigBirdCausalModel(fields), sizes.dim);
			},
		},
		"sequence-classification": {
			name: "BigBirdForSequenceClassification",
			create(fields) {
				const { encoder, sizes, classifierDropout: dropout } = bigBirdEncoder(fields);
				const { activation } = sizes;
				const labels = readLabels(fields).length;
				const head = firstTokenClassifier(encoder, { labels, activation, dropout });
				return withUnusedPooler(withHead(encoder, head), sizes.dim);
			},
		},
		"token-classification": {
			name: "BigBirdForTokenClassification",
			create(fields) {
				const { encoder, sizes, classifierDropout: dropout } = bigBirdEncoder(fields);
				const head = tokenClassifier(encoder, { labels: readLabels(fields).length, dropout });
				return withUnusedPooler(withHead(encoder, head), sizes.dim);
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
