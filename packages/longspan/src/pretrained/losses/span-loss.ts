import { countedMean } from "../../nn/counted-mean.js";
import { add, mul } from "../../ops/arithmetic.js";
import { crossEntropy } from "../../ops/cross-entropy.js";
import { checkOperands } from "../../ops/operands.js";
import { intTensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { SpanOutputs } from "../tasks.js";

/**
 * The loss of question answering: mean of the cross-entropies of start and end over the positions of a text, in nats. A position beyond the
 * text does not count, one before it is the first.
 *
 * @param starts int32 [batch]
 * @param ends int32 [batch]
 */
export function spanLoss(
	{ startLogits, endLogits }: Pick<SpanOutputs, "startLogits" | "endLogits">,
	starts: Tensor<"int32">,
	ends: Tensor<"int32">,
): Tensor {
	const name = "spanLoss";
	checkOperands(name, { startLogits, endLogits });
	checkOperands(name, { starts, ends }, "int32");
	const length = startLogits.shape[1] as number;
	const one = (logits: Tensor, given: Tensor<"int32">) => {
		const clamped = given.dataSync().map((position) => Math.max(0, Math.min(position, length)));
		const targets = intTensor(clamped, given.shape, given.device);
		return countedMean(crossEntropy(logits, targets, { ignoreIndex: length }), targets, length);
	};
	return scope(() => mul(add(one(startLogits, starts), one(endLogits, ends)), 0.5));
}
