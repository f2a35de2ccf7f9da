export type { LoadedCheckpoint, Pipeline } from "./bind-pipeline.js";
export type {
	FeatureExtraction,
	FeatureExtractionOptions,
	Features,
} from "./feature-extraction.js";
export { FeatureTensor, type NestedNumbers } from "./feature-tensor.js";
export type { FillMask, FillMaskOptions, FillMaskOutput, FillMaskSingle } from "./fill-mask.js";
export type { GenerationCallOptions } from "./generation-options.js";
export type { GlobalAttention } from "./global-attention.js";
export type { Overflow, OverflowPolicy, ResultList, WithOverflow } from "./overflow.js";
export { type PipelineOptions, pipeline } from "./pipeline.js";
export type { QuestionAnswering, QuestionAnsweringOptions, QuestionAnsweringOutput } from "./question-answering.js";
export type { ReadingOptions, ReadingProgress } from "./reading.js";
export type { PipelineCalls, PipelineTask } from "./tasks.js";
export type {
	TextClassification,
	TextClassificationOptions,
	TextClassificationSingle,
} from "./text-classification.js";
export type { TextGeneration, TextGenerationOptions, TextGenerationSingle } from "./text-generation.js";
export type {
	Summarization,
	SummarizationSingle,
	Text2TextGeneration,
	Text2TextGenerationSingle,
	TextToTextOptions,
} from "./text-to-text.js";
export type {
	TokenClassification,
	TokenClassificationGroup,
	TokenClassificationOptions,
	TokenClassificationSingle,
} from "./token-classification.js";
export type {
	ZeroShotClassification,
	ZeroShotClassificationOptions,
	ZeroShotClassificationOutput,
} from "./zero-shot-classification.js";
