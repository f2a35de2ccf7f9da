import { ShapeError } from "../errors.js";
import { checkIds } from "../ops/check-ids.js";
import { checkOperands } from "../ops/operands.js";
import { formatShape, type Shape, sameShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** Checks what a model is to predict: int32 of this shape, from 0 to `classes` - 1 or `ignored`. */
export function checkTargets(
	model: string,
	argument: string,
	targets: Tensor<"int32">,
	shape: Shape,
	classes: number,
	ignored?: number,
): void {
	checkOperands(model, { [argument]: targets }, "int32");
	if (!sameShape(targets.shape, shape))
		throw new ShapeError(
			`${model}: ${argument} have shape ${formatShape(targets.shape)}; expected ${formatShape(shape)}`,
		);
	checkIds(model, argument, targets, classes, ignored);
}
