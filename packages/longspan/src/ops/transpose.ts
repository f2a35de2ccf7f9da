import { record } from "../autograd/tape.js";
import type { DType } from "../backends/backend.js";
import { OptionError } from "../errors.js";
import { emptyTensor } from "../tensor/create.js";
import { resolveAxis, stridesOf } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { checkOperands } from "./operands.js";

/**
 * Axes in another order: axis i of the result is axis `order[i]` of `x`. Copies.
 *
 * @param order default: the last two axes change places
 */
export function transpose<D extends DType>(x: Tensor<D>, order?: readonly number[]): Tensor<D> {
	const device = checkOperands("transpose", { x }, "any");
	const axes = (order ?? swapLast(x.rank)).map((axis) => resolveAxis("transpose", axis, x.rank));
	if (axes.length !== x.rank || new Set(axes).size !== x.rank)
		throw new OptionError(`transpose: order [${axes.join(", ")}] must name each of the ${x.rank} axes once`);
	const shape = axes.map((axis) => x.shape[axis] as number);
	const strides = stridesOf(x.shape);
	const out = emptyTensor(device, shape, x.dtype);
	device.backend.copy(x.buffer, out.buffer, {
		shape,
		sourceOffset: 0,
		sourceStrides: axes.map((axis) => strides[axis] as number),
		targetOffset: 0,
		targetStrides: stridesOf(shape),
	});
	record([x], [out], {
		save: [],
		backward: (_, [dy]) => [
			dy
				? transpose(
						dy,
						axes.map((__, axis) => axes.indexOf(axis)),
					)
				: null,
		],
	});
	return out;
}

function swapLast(rank: number): number[] {
	if (rank < 2) throw new OptionError(`transpose: a tensor of ${rank} axes has no last two to exchange`);
	const order = Array.from({ length: rank }, (_, axis) => axis);
	return [...order.slice(0, -2), rank - 1, rank - 2];
}
