export { type FullOptions, full } from "./attention/full/index.js";
export * from "./attention/linear/index.js";
export { type LinearOptions, linear } from "./attention/linear-transformer/index.js";
export type {
	AttendOptions,
	Attention,
	Connectivity,
	Cost,
	CostSizes,
	DecodingSession,
	DecodingSizes,
} from "./attention/mechanism.js";
export * from "./attention/plan/index.js";
export { type SlidingWindowOptions, slidingWindow } from "./attention/sliding-window/index.js";
export * from "./attention/softmax/index.js";
export { checkpoint } from "./autograd/checkpoint.js";
export { type CustomOperation, customOp } from "./autograd/custom-op.js";
export { grad, valueAndGrad, vjp } from "./autograd/grad.js";
export type { DType, MemoryStats, WorkStats } from "./backends/backend.js";
export * from "./errors.js";
export { type InitOptions, init } from "./init.js";
export {
	type LanguageModel,
	type LanguageModelOptions,
	type LanguageModelParameters,
	languageModel,
} from "./models/language-model.js";
export * from "./ops/index.js";
export { filled, intTensor, ones, tensor, zeros } from "./tensor/create.js";
export { currentDevice, Device, memoryStats, setCurrentDevice } from "./tensor/device.js";
export { keep, scope } from "./tensor/scope.js";
export type { Shape } from "./tensor/shape.js";
export { type AnyTensor, Tensor } from "./tensor/tensor.js";
export { mapTree, type TensorTree, treeTensors } from "./tensor/tree.js";
export { type AdamWOptions, adamW, type Optimizer } from "./train/adamw.js";
