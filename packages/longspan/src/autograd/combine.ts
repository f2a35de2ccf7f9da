import { emptyTensor } from "../tensor/create.js";
import { stridesOf } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** a + b or a - b of tensors of one shape. Not recorded. */
export function combine(operation: "add" | "subtract", a: Tensor, b: Tensor): Tensor {
	const out = emptyTensor(a.device, a.shape);
	const shape = [a.size];
	const strides = stridesOf(shape);
	a.device.backend.binary(operation, a.buffer, b.buffer, out.buffer, { shape, strides: [strides, strides] });
	return out;
}
