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

/** a + b, or the one there is. Frees what it adds. */
export function sumGradients(a: Tensor | null, b: Tensor | null): Tensor | null {
	if (!a || !b) return a ?? b;
	const sum = combine("add", a, b);
	a.dispose();
	b.dispose();
	return sum;
}
