import { record } from "../autograd/tape.js";
import type { DType } from "../backends/backend.js";
import { ShapeError } from "../errors.js";
import { emptyTensor } from "../tensor/create.js";
import { broadcastShapes, broadcastStrides, formatShape, type Shape, sameShape, stridesOf } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { sumAxesKeeping } from "./axes.js";
import { checkOperands } from "./operands.js";

/** `x` repeated to `shape` by NumPy's broadcasting rule. Copies; returns `x` itself if it has the shape already. */
export function broadcastTo<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
	const device = checkOperands("broadcastTo", { x }, "any");
	if (sameShape(x.shape, shape)) return x;
	if (!sameShape(broadcastShapes("broadcastTo", x.shape, shape), shape))
		throw new ShapeError(`broadcastTo: shape ${formatShape(x.shape)} does not broadcast to ${formatShape(shape)}`);
	const out = emptyTensor(device, shape, x.dtype);
	device.backend.copy(x.buffer, out.buffer, {
		shape,
		sourceOffset: 0,
		sourceStrides: broadcastStrides(x.shape, shape),
		targetOffset: 0,
		targetStrides: stridesOf(shape),
	});
	record([x], [out], { save: [], backward: (_, [dy]) => [dy ? sumTo(dy, x.shape) : null] });
	return out;
}

/** Sums a gradient over the axes along which an operand of `shape` was broadcast. */
export function sumTo(gradient: Tensor, shape: Shape): Tensor {
	if (sameShape(gradient.shape, shape)) return gradient;
	const missing = gradient.rank - shape.length;
	const axes = gradient.shape.flatMap((size, axis) =>
		axis < missing || (shape[axis - missing] === 1 && size !== 1) ? [axis] : [],
	);
	return sumAxesKeeping(gradient, axes).view(shape);
}
