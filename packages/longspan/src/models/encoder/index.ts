export type { ClassifierOptions, ClassifierParameters } from "./classifier.js";
export { type MaskTokensOptions, maskTokens } from "./mask-tokens.js";
export {
	type MaskedLanguageBatch,
	type MaskedLanguageModel,
	type MaskedLanguageModelOptions,
	type MaskedLanguageModelParameters,
	maskedLanguageModel,
} from "./masked-language-model.js";
export { type PaddedSequences, type PadOptions, padSequences } from "./pad-sequences.js";
export type { ProjectionParameters } from "./projection.js";
export {
	type LabelledSequences,
	type SequenceClassifier,
	type SequenceClassifierOptions,
	sequenceClassifier,
} from "./sequence-classifier.js";
export {
	type LabelledTokens,
	type TokenClassifier,
	tokenClassifier,
} from "./token-classifier.js";
