import { emptyTensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { checkOperands } from "./operands.js";

/** The same integers as float32, exact up to 2^24. */
export function toFloat(x: Tensor<"int32">): Tensor {
	const device = checkOperands("toFloat", { x }, "int32");
	const out = emptyTensor(device, x.shape);
	device.backend.toFloat(x.buffer, out.buffer);
	return out;
}
