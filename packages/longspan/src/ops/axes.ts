import type { AxisExtent } from "../backends/backend.js";
import { emptyTensor } from "../tensor/create.js";
import { type Shape, sizeOf } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** [outer, length, inner] of the axes first..last of a shape. */
export function axisExtent(shape: Shape, first: number, last = first): AxisExtent {
	return {
		outer: sizeOf(shape.slice(0, first)),
		length: sizeOf(shape.slice(first, last + 1)),
		inner: sizeOf(shape.slice(last + 1)),
	};
}

/** Sums over sorted axes, one run of neighbours at a time; reduced axes stay with size 1. Not recorded. */
export function sumAxesKeeping(x: Tensor, axes: readonly number[]): Tensor {
	let current = x.view();
	const remaining = [...axes];
	while (remaining.length > 0) {
		const last = remaining.pop() as number;
		let first = last;
		while (remaining.length > 0 && remaining[remaining.length - 1] === first - 1) first = remaining.pop() as number;
		const shape = current.shape.map((size, axis) => (axis >= first && axis <= last ? 1 : size));
		const next = emptyTensor(current.device, shape);
		current.device.backend.reduce("sum", current.buffer, next.buffer, axisExtent(current.shape, first, last));
		current.dispose();
		current = next;
	}
	return current;
}
