import { emptyTensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { axisExtent } from "./axes.js";

/** @internal Inclusive running maximum along an axis of a tensor without NaN. It has no gradient: for references that cancel. */
export function runningMaximum(x: Tensor, axis: number): Tensor {
	const out = emptyTensor(x.device, x.shape);
	x.device.backend.cumulativeMax(x.buffer, out.buffer, axisExtent(x.shape, axis));
	return out;
}
