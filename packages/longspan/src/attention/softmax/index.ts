export { attendParts } from "./attend-parts.js";
export { mergeSoftmax } from "./merge.js";
export {
	forAllHeads,
	type SoftmaxAttentionOptions,
	type SoftmaxResult,
	softmaxAttention,
} from "./softmax-attention.js";
