import { countedMean } from "../../nn/counted-mean.js";
import { crossEntropy } from "../../ops/cross-entropy.js";
import { checkOperands } from "../../ops/operands.js";
import { slice } from "../../ops/slice.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";

/**
 * Mean cross-entropy of the tokens with a label, in nats: the loss of masked language models, encoder–decoders, token classification and
 * multiple choice. 0 if no token has one.
 *
 * @param logits [..., classes]
 * @param labels int32 [...], -100 for those that do not count
 * @throws ShapeError if the shapes do not fit, OptionError for a label that is no class
 */
export function tokenLoss(logits: Tensor, labels: Tensor<"int32">): Tensor {
	return scope(() => countedMean(crossEntropy(logits, labels), labels));
}

/**
 * Mean cross-entropy of each token given those before it: labels are the input ids, and are shifted here.
 *
 * @param logits [batch, length, vocabulary]
 * @param labels int32 [batch, length], -100 for those that do not count
 */
export function causalLanguageLoss(logits: Tensor, labels: Tensor<"int32">): Tensor {
	checkOperands("causalLanguageLoss", { logits });
	const length = logits.shape[1] as number;
	return scope(() => tokenLoss(slice(logits, 1, 0, length - 1), slice(labels, 1, 1)));
}
