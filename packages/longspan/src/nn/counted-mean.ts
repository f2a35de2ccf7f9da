import { ShapeError } from "../errors.js";
import { add, div, mul, sub } from "../ops/arithmetic.js";
import { checkOperands } from "../ops/operands.js";
import { sum } from "../ops/reduce.js";
import { toFloat } from "../ops/to-float.js";
import { relu } from "../ops/unary.js";
import { scope } from "../tensor/scope.js";
import { formatShape, sameShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** Mean of the losses whose target is not `ignoreIndex`; 0 if there is none. Both have the same shape; ignored losses are 0. */
export function countedMean(losses: Tensor, targets: Tensor<"int32">, ignoreIndex = -100): Tensor {
	checkOperands("countedMean", { losses });
	checkOperands("countedMean", { targets }, "int32");
	if (!sameShape(losses.shape, targets.shape))
		throw new ShapeError(
			`countedMean: targets has shape ${formatShape(targets.shape)}; expected ${formatShape(losses.shape)}, that of losses`,
		);
	return scope(() => {
		const distance = sub(toFloat(targets), ignoreIndex);
		// 1 - max(0, 1 - d²) is 0 for the distance 0 and 1 for other integers.
		const counted = sum(sub(1, relu(sub(1, mul(distance, distance)))));
		return div(sum(losses), add(relu(sub(counted, 1)), 1));
	});
}
