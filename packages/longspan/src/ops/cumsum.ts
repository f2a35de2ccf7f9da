import { record } from "../autograd/tape.js";
import { emptyTensor } from "../tensor/create.js";
import { resolveAxis } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { axisExtent } from "./axes.js";
import { checkOperands } from "./operands.js";

/**
 * Inclusive running sum along one axis.
 *
 * @param reverse start from the end (default: false)
 */
export function cumsum(x: Tensor, axis = -1, { reverse = false }: { reverse?: boolean } = {}): Tensor {
	const device = checkOperands("cumsum", { x });
	const along = resolveAxis("cumsum", axis, x.rank);
	const out = emptyTensor(device, x.shape);
	device.backend.cumulativeSum(x.buffer, out.buffer, axisExtent(x.shape, along), reverse);
	record([x], [out], { save: [], backward: (_, [dy]) => [dy ? cumsum(dy, along, { reverse: !reverse }) : null] });
	return out;
}
