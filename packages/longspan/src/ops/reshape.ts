import { record } from "../autograd/tape.js";
import type { DType } from "../backends/backend.js";
import { ShapeError } from "../errors.js";
import { checkShape, formatShape, type Shape, sizeOf } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { checkOperands } from "./operands.js";

/** The same elements in another shape, sharing memory. One size may be -1: it is worked out. */
export function reshape<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
	checkOperands("reshape", { x }, "any");
	const open = shape.indexOf(-1);
	const resolved = [...shape];
	if (open >= 0) {
		const known = sizeOf(shape.filter((_, axis) => axis !== open));
		resolved[open] = known > 0 ? x.size / known : 0;
	}
	if (open >= 0 && !Number.isInteger(resolved[open]))
		throw new ShapeError(
			`reshape: ${x.size} elements of shape ${formatShape(x.shape)} do not divide into ${formatShape(shape)}`,
		);
	checkShape("reshape", resolved);
	if (sizeOf(resolved) !== x.size)
		throw new ShapeError(
			`reshape: shape ${formatShape(shape)} has ${sizeOf(resolved)} elements; the tensor has shape ${formatShape(x.shape)} and ${x.size}`,
		);
	const out = x.view(resolved);
	record([x], [out], { save: [], backward: (_, [dy]) => [dy ? dy.view(x.shape) : null] });
	return out;
}
