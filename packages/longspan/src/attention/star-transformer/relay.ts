import { ShapeError } from "../../errors.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { fullPlan } from "../plan/builders.js";
import { attentionSizes } from "../sizes.js";
import { mergeSoftmax } from "../softmax/merge.js";
import { forAllHeads, softmaxAttention } from "../softmax/softmax-attention.js";

export interface StarRelayInputs {
	/** Query of the relay node, [batch, heads, 1, headDim]. */
	q: Tensor;
	/** [batch, heads, length, headDim], of the tokens. */
	k: Tensor;
	/** [batch, heads, length, valueDim] */
	v: Tensor;
	/** Key of the relay node itself, [batch, heads, 1, headDim]. */
	relayKey: Tensor;
	/** Value of the relay node itself, [batch, heads, 1, valueDim]. */
	relayValue: Tensor;
	/** int32 [batch, length], 1 for tokens that take part. The relay node always sees itself. Default: all. */
	keyMask?: Tensor<"int32"> | undefined;
}

/**
 * Attention of the relay node of a Star-Transformer to itself and all tokens (Guo et al. 2019, arXiv 1902.09113, section 3.1),
 * scaled by 1 / sqrt(headDim).
 *
 * @returns [batch, heads, 1, valueDim]
 * @throws ShapeError, DTypeError
 */
export function starRelay({ q, k, v, relayKey, relayValue, keyMask }: StarRelayInputs): Tensor {
	const name = "starRelay";
	const { queryLength, keyLength } = attentionSizes(name, q, k, v);
	if (queryLength !== 1)
		throw new ShapeError(`${name}: argument q has length ${queryLength}; expected 1, the relay node`);
	return scope(() => {
		const toTokens = softmaxAttention(q, k, v, forAllHeads(fullPlan(1, keyLength)), { keyMask }, name);
		const toItself = softmaxAttention(q, relayKey, relayValue, forAllHeads(fullPlan(1, 1)), {}, name);
		return mergeSoftmax(toTokens, toItself).output;
	});
}
