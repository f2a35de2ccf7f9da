export {
	type BlockParameters,
	type TransformerBlock,
	type TransformerBlockOptions,
	transformerBlock,
} from "./block.js";
export { type ChunkedCrossEntropyOptions, chunkedCrossEntropy } from "./chunked-cross-entropy.js";
export { countedMean } from "./counted-mean.js";
export { type Activation, type FeedForwardOptions, type FeedForwardParameters, feedForward } from "./feed-forward.js";
export { type ForwardOptions, foldIn } from "./forward-options.js";
export { type Initializer, normalInitializer } from "./initialize.js";
export type { Layer, LayerSession } from "./layer.js";
export { type MultiHeadOptions, type MultiHeadParameters, multiHead } from "./multi-head.js";
export type { NormParameters } from "./norm.js";
export { axialPositions } from "./positions/axial.js";
export type { AxialOptions, PositionEmbedding, PositionParameters, Positions } from "./positions/index.js";
export { learnedPositions } from "./positions/learned.js";
export { rotary } from "./positions/rotary.js";
export { sinusoidalPositions } from "./positions/sinusoidal.js";
export { type PlainStackOptions, plainStack } from "./stacks/plain.js";
export { reversibleStack, type StreamMerge } from "./stacks/reversible.js";
export type { Stack, StackOutput } from "./stacks/stack.js";
