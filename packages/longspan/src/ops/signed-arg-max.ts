import { OptionError, ShapeError } from "../errors.js";
import { emptyTensor } from "../tensor/create.js";
import { formatShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { checkNumber, checkOperands } from "./operands.js";

const mostSegments = 16;

/**
 * Index of the largest of [x, -x] along the last axis, the lowest where several are largest. With several segments of the axis,
 * the indices are the digits of one number, that of the first segment the lowest. No gradient flows through it.
 *
 * @param x [..., columns]
 * @param widths of the segments, which fill the last axis; at most 16. Default: one segment.
 * @returns int32 [...], from 0 to the product of 2 * widths - 1
 * @throws ShapeError if the widths do not fill the last axis, OptionError if the product is no 32-bit integer
 */
export function signedArgMax(x: Tensor, widths: readonly number[] = x.shape.slice(-1)): Tensor<"int32"> {
	const device = checkOperands("signedArgMax", { x });
	for (const width of widths) checkNumber("signedArgMax", "widths", width, { min: 1, integer: true });
	if (widths.length > mostSegments)
		throw new OptionError(`signedArgMax: widths has ${widths.length} entries; expected at most ${mostSegments}`);
	if (widths.reduce((product, width) => product * 2 * width, 1) > 2 ** 31)
		throw new OptionError(`signedArgMax: widths is [${widths}]; the product of 2 * widths must be at most 2^31`);
	if (x.rank < 1 || widths.reduce((sum, width) => sum + width, 0) !== x.shape[x.rank - 1])
		throw new ShapeError(
			`signedArgMax: argument x has shape ${formatShape(x.shape)}; expected a last axis of the widths [${widths}] together`,
		);
	const out = emptyTensor(device, x.shape.slice(0, -1), "int32");
	device.backend.signedArgMax(x.buffer, out.buffer, out.size, widths);
	return out;
}
