import type { LanguageHeadNames } from "./language-model.js";

/** What BERT and BigBird call the parts of their language-model head. */
export const bertHeadNames: LanguageHeadNames = {
	dense: "cls.predictions.transform.dense",
	norm: "cls.predictions.transform.LayerNorm",
	decoder: "cls.predictions.decoder",
	bias: "cls.predictions.bias",
};

/** What RoBERTa and Longformer call them. */
export const robertaHeadNames: LanguageHeadNames = {
	dense: "lm_head.dense",
	norm: "lm_head.layer_norm",
	decoder: "lm_head.decoder",
	bias: "lm_head.bias",
};
