export type {
	EncoderDecoderInputs,
	EncoderInputs,
	HiddenOutputs,
	RunOptions,
} from "./architecture.js";
export { checkpointTask } from "./auto/checkpoint-task.js";
export type { DeviceChoice } from "./auto/device.js";
export type { ModelDType } from "./auto/dtype.js";
export {
	AutoModel,
	type AutoModelClass,
	AutoModelForCausalLM,
	AutoModelForMaskedLM,
	AutoModelForMultipleChoice,
	AutoModelForQuestionAnswering,
	AutoModelForSeq2SeqLM,
	AutoModelForSequenceClassification,
	AutoModelForTokenClassification,
	AutoTokenizer,
	type FromPretrainedOptions,
	modelFromCheckpoint,
} from "./auto/from-pretrained.js";
export type { OpenCheckpoint } from "./auto/load-model.js";
export { openCheckpoint } from "./auto/open-checkpoint.js";
export {
	type SaveCheckpointOptions,
	type SavePretrainedOptions,
	saveCheckpoint,
	savePretrained,
} from "./auto/save-pretrained.js";
export { trainableWeights } from "./auto/trainable-weights.js";
export { withLabels } from "./auto/with-labels.js";
export type { ConfigJson } from "./config/config-fields.js";
export { configText } from "./config/config-text.js";
export { shiftRight } from "./encoder-decoder/shift-right.js";
export type { ModelFiles } from "./files/model-files.js";
export { type FilesOptions, openModelFiles } from "./files/open-model-files.js";
export { openWeights } from "./files/open-weights.js";
export type { ProgressEvent } from "./files/progress.js";
export {
	decodeSafetensors,
	encodeSafetensors,
	type StoredTensor,
	type StoredTensors,
} from "./files/safetensors/whole-file.js";
export type { FileSink } from "./files/save/file-sink.js";
export { saveFolder } from "./files/save/save-folder.node.js";
export { type SaveWeightsOptions, saveWeights } from "./files/save/save-weights.js";
export { changeTokenizerConfig, readTokenizerFiles } from "./files/tokenizer-files.js";
export { type LengthenedCheckpoint, lengthenCheckpoint } from "./lengthen/lengthen-checkpoint.js";
export type { LengthenOptions, LongModelType } from "./lengthen/options.js";
export * from "./losses/index.js";
export type { PretrainedModel } from "./model.js";
export type { WeightSource } from "./parameters/weight-source.js";
export type {
	BaseOutputs,
	EncoderDecoderOutputs,
	LanguageInputs,
	LogitsOutputs,
	SpanOutputs,
	Task,
	TaskTypes,
} from "./tasks.js";
