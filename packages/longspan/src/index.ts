export * from "./analysis/index.js";
export {
	type BigBirdCallOptions,
	type BigBirdOptions,
	bigBird,
	bigBirdPresets,
	type RandomTable,
} from "./attention/big-bird/index.js";
export {
	type EfficientAttention2d,
	type EfficientAttention2dOptions,
	type EfficientAttention2dWeights,
	efficientAttention2d,
} from "./attention/efficient/image.js";
export { type EfficientOptions, efficient } from "./attention/efficient/index.js";
export {
	type EtcAttention,
	type EtcAttentionOptions,
	type EtcCallOptions,
	type EtcOptions,
	type EtcSequence,
	etc,
	etcAttention,
	type RelativePositionOptions,
	type RelativeTables,
} from "./attention/etc/index.js";
export type {
	CosineOptions,
	FeatureMap,
	MappedSide,
	RandomFeatureOptions,
	RandomFourierOptions,
} from "./attention/feature-maps/index.js";
export * as featureMaps from "./attention/feature-maps/index.js";
export { type FullOptions, full } from "./attention/full/index.js";
export type { StateDecodingSession } from "./attention/linear/decoding.js";
export * from "./attention/linear/index.js";
export { type LinearOptions, linear } from "./attention/linear-transformer/index.js";
export {
	compressSequence,
	type Linformer,
	type LinformerOptions,
	type LinformerProjection,
	type LinformerSharing,
	linformer,
	linformerLayerWeights,
} from "./attention/linformer/index.js";
export { type LocalChunkedOptions, localChunked } from "./attention/local-chunked/index.js";
export {
	type GlobalProjections,
	type GlobalTokens,
	type LongformerCallOptions,
	type LongformerOptions,
	longformer,
} from "./attention/longformer/index.js";
export { type LongformerLayersOptions, longformerLayers } from "./attention/longformer/layers.js";
export type {
	AttendOptions,
	Attention,
	AttentionWeights,
	Connectivity,
	Cost,
	CostSizes,
	DecodingSession,
	DecodingSizes,
	WeightSizes,
} from "./attention/mechanism.js";
export { type PatternedOptions, type PatternSource, patterned } from "./attention/patterned/index.js";
export { perHead } from "./attention/per-head/index.js";
export * from "./attention/plan/index.js";
export { type RandomAttentionOptions, randomAttention } from "./attention/random/index.js";
export {
	type Reformer,
	type ReformerCallOptions,
	type ReformerOptions,
	type ReformerPreset,
	reformer,
} from "./attention/reformer/index.js";
export {
	type Retention,
	type RetentionCallOptions,
	type RetentionDecay,
	type RetentionOptions,
	retention,
} from "./attention/retention/index.js";
export { type SlidingWindowOptions, slidingWindow } from "./attention/sliding-window/index.js";
export * from "./attention/softmax/index.js";
export { type SparseTransformerOptions, sparseTransformer } from "./attention/sparse-transformer/index.js";
export { type DecayOptions, type Ssd, type SsdCallOptions, type SsdOptions, ssd } from "./attention/ssd/index.js";
export {
	meanNode,
	type StarAttentionOptions,
	type StarAttentionWeights,
	type StarLayerInput,
	type StarLayerOptions,
	type StarLayerSizes,
	type StarLayerWeights,
	type StarNodes,
	type StarNormWeights,
	type StarRelayInputs,
	type StarRing,
	type StarSatelliteInputs,
	type StarTransformerLayer,
	starAttention,
	starRelay,
	starSatellite,
	starTransformerLayer,
} from "./attention/star-transformer/index.js";
export { type StreamChunk, streamAttention } from "./attention/stream-attention.js";
export { channelTaylor, type TaylorOptions, taylor } from "./attention/taylor/index.js";
export { checkpoint } from "./autograd/checkpoint.js";
export { type CustomOperation, customOp } from "./autograd/custom-op.js";
export { grad, valueAndGrad, vjp } from "./autograd/grad.js";
export { type Coupling, reversibleSequence } from "./autograd/reversible.js";
export type { DType, MemoryStats, WorkStats } from "./backends/backend.js";
export * from "./errors.js";
export * from "./generate/index.js";
export { type InitOptions, init } from "./init.js";
export * from "./models/encoder/index.js";
export {
	type ImageForwardOptions,
	type ImageModel,
	type ImageModelOptions,
	type ImageSamplingOptions,
	imageModel,
} from "./models/image-model.js";
export {
	type LanguageModel,
	type LanguageModelLossOptions,
	type LanguageModelOptions,
	type LanguageModelParameters,
	type LanguageModelSession,
	languageModel,
} from "./models/language-model.js";
export type { ModelAttention } from "./models/model-attention.js";
export * from "./models/star-transformer/index.js";
export {
	type Transformer,
	type TransformerOptions,
	type TransformerParameters,
	type TransformerSession,
	transformer,
} from "./models/transformer.js";
export type { RecurrenceOptions, StackParameters } from "./models/transformer-stack.js";
export * from "./nn/index.js";
export {
	type AdaptiveComputation,
	type AdaptiveComputationOptions,
	adaptiveComputationTime,
	type HaltingOptions,
	type HaltingParameters,
} from "./nn/universal/halting.js";
export type { TimingOptions } from "./nn/universal/timing-signal.js";
export {
	type UniversalOutput,
	type UniversalParameters,
	type UniversalStack,
	type UniversalStackOptions,
	universalStack,
} from "./nn/universal/universal-stack.js";
export * from "./ops/index.js";
export { linear as linearLayer } from "./ops/linear.js";
export * from "./pipelines/index.js";
export * from "./pretrained/index.js";
export { filled, intTensor, ones, tensor, zeros } from "./tensor/create.js";
export { currentDevice, Device, memoryStats, setCurrentDevice } from "./tensor/device.js";
export { keep, scope } from "./tensor/scope.js";
export type { Shape } from "./tensor/shape.js";
export { type AnyTensor, Tensor } from "./tensor/tensor.js";
export { mapTree, type TensorTree, treeTensors } from "./tensor/tree.js";
export { loadTokenizer, readTokenizer } from "./text/load-tokenizer.js";
export type {
	DecodeOptions,
	EncodeOptions,
	Encoding,
	SpecialRole,
	SpecialToken,
	Tokenizer,
} from "./text/tokenizer.js";
export type { LossOptions } from "./train/accumulate.js";
export { type AdafactorOptions, adafactor } from "./train/adafactor.js";
export { type AdamWOptions, adamW } from "./train/adamw.js";
export type { StepResult } from "./train/check-step.js";
export { clipGradient, gradientNorm } from "./train/clip.js";
export type { LossRecord } from "./train/loss-record.js";
export {
	type MovingAverage,
	type MovingAverageOptions,
	type MovingAverageState,
	movingAverage,
} from "./train/moving-average.js";
export type { NamedTensors } from "./train/named-tensors.js";
export {
	createOptimizer,
	type Optimizer,
	type OptimizerState,
	type Slots,
	type UpdateContext,
	type UpdateRule,
} from "./train/optimizer.js";
export type { AnnealingOptions, Schedule, WarmUpOptions } from "./train/schedules.js";
export * as schedules from "./train/schedules.js";
export { createTrainer, type Trainer, type TrainerState } from "./train/trainer.js";
export type { TrainerOptions } from "./train/trainer-options.js";
