import { ShapeError } from "../../errors.js";
import { mul, sub } from "../../ops/arithmetic.js";
import { checkChoice, checkOperands } from "../../ops/operands.js";
import { mean } from "../../ops/reduce.js";
import { reshape } from "../../ops/reshape.js";
import { toFloat } from "../../ops/to-float.js";
import { softplus } from "../../ops/unary.js";
import { scope } from "../../tensor/scope.js";
import { formatShape, sameShape } from "../../tensor/shape.js";
import type { AnyTensor, Tensor } from "../../tensor/tensor.js";
import { tokenLoss } from "./token-loss.js";

/** `problem_type` of config.json. */
export type ProblemType = "regression" | "single_label_classification" | "multi_label_classification";

/**
 * The loss of a classifier of texts as transformers has it: mean squared error for "regression", mean cross-entropy of one class per text
 * for "single_label_classification", mean binary cross-entropy of each class for "multi_label_classification".
 *
 * @param logits [batch, labels]
 * @param labels int32 [batch] for one class per text; else [batch, labels], or [batch] for a regression of one number
 * @param problemType default: "regression" for one label, else by the labels: one class per text if they are int32, any number of classes
 * if they are float32
 * @throws ShapeError, DTypeError, OptionError
 */
export function classificationLoss(logits: Tensor, labels: AnyTensor, problemType?: ProblemType): Tensor {
	const name = "classificationLoss";
	checkOperands(name, { logits });
	checkOperands(name, { logits, labels }, "any");
	const own =
		logits.shape[1] === 1
			? "regression"
			: labels.dtype === "int32"
				? "single_label_classification"
				: "multi_label_classification";
	const type = problemType ?? own;
	checkChoice(name, "problemType", type, ["regression", "single_label_classification", "multi_label_classification"]);
	if (type === "single_label_classification") return tokenLoss(logits, labels as Tensor<"int32">);
	const [batch] = logits.shape;
	const isSingle = logits.shape[1] === 1 && sameShape(labels.shape, [batch as number]);
	if (!isSingle && !sameShape(labels.shape, logits.shape))
		throw new ShapeError(
			`${name}: argument labels has shape ${formatShape(labels.shape)}; expected ${formatShape(logits.shape)}, that of logits`,
		);
	return scope(() => {
		const values = labels.dtype === "int32" ? toFloat(labels as Tensor<"int32">) : (labels as Tensor);
		const targets = reshape(values, logits.shape);
		if (type === "regression") {
			const error = sub(logits, targets);
			return mean(mul(error, error));
		}
		// -y log σ(x) - (1 - y) log(1 - σ(x))
		return mean(sub(softplus(logits), mul(logits, targets)));
	});
}
