import { record } from "../autograd/tape.js";
import { ShapeError } from "../errors.js";
import { emptyTensor } from "../tensor/create.js";
import { formatShape, sameShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { checkIds } from "./check-ids.js";
import { checkOperands } from "./operands.js";

export interface CrossEntropyOptions {
	/** Targets that do not count. Default: -100. */
	ignoreIndex?: number;
}

/**
 * Cross-entropy of class scores, in nats, one value per target (0 where ignored). Take the mean over what counts yourself,
 * or use `sum` and divide.
 *
 * @param logits [..., classes] unnormalised scores
 * @param targets int32 [...] class indices
 * @returns float32 of the shape of `targets`
 */
export function crossEntropy(
	logits: Tensor,
	targets: Tensor<"int32">,
	{ ignoreIndex = -100 }: CrossEntropyOptions = {},
): Tensor {
	const device = checkOperands("crossEntropy", { logits });
	checkOperands("crossEntropy", { targets }, "int32");
	const classes = logits.shape[logits.rank - 1] ?? 0;
	if (!sameShape(logits.shape.slice(0, -1), targets.shape))
		throw new ShapeError(
			`crossEntropy: targets has shape ${formatShape(targets.shape)}; expected ${formatShape(logits.shape.slice(0, -1))}, that of logits without its last axis`,
		);
	checkIds("crossEntropy", "targets", targets, classes, ignoreIndex);
	const { backend } = device;
	const rows = targets.size;
	const loss = emptyTensor(device, targets.shape);
	const logSumExp = emptyTensor(device, targets.shape);
	backend.crossEntropy({
		logits: logits.buffer,
		targets: targets.buffer,
		loss: loss.buffer,
		logSumExp: logSumExp.buffer,
		rows,
		classes,
		ignoreIndex,
	});
	record([logits], [loss], {
		save: [logits, targets, logSumExp],
		backward: ([scores, labels, normalizers], [dLoss]) => {
			if (!dLoss) return [null];
			const dLogits = emptyTensor(device, logits.shape);
			backend.crossEntropyGradient({
				logits: (scores as Tensor).buffer,
				targets: (labels as Tensor<"int32">).buffer,
				logSumExp: (normalizers as Tensor).buffer,
				dLoss: dLoss.buffer,
				dLogits: dLogits.buffer,
				rows,
				classes,
				ignoreIndex,
			});
			return [dLogits];
		},
	});
	logSumExp.dispose();
	return loss;
}
