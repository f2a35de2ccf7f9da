import { record } from "../autograd/tape.js";
import { emptyTensor, filled } from "../tensor/create.js";
import type { Device } from "../tensor/device.js";
import { broadcastShapes, broadcastStrides, type Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { sumTo } from "./broadcast.js";
import { checkOperands } from "./operands.js";

function select(device: Device, condition: Tensor<"int32">, a: Tensor, b: Tensor, shape: Shape): Tensor {
	const out = emptyTensor(device, shape);
	device.backend.select(condition.buffer, a.buffer, b.buffer, out.buffer, {
		shape,
		strides: [condition, a, b].map((operand) => broadcastStrides(operand.shape, shape)),
	});
	return out;
}

/** `a` where `condition` is not 0, `b` elsewhere, with NumPy broadcasting among the three. */
export function where(condition: Tensor<"int32">, a: Tensor, b: Tensor): Tensor {
	checkOperands("where", { condition }, "int32");
	const device = checkOperands("where", { a, b });
	const shape = broadcastShapes("where", condition.shape, broadcastShapes("where", a.shape, b.shape));
	const out = select(device, condition, a, b, shape);
	record([a, b], [out], {
		save: [condition],
		backward: ([saved], [dy], [needA, needB]) => {
			if (!dy) return [null, null];
			const chosen = saved as Tensor<"int32">;
			const zero = filled([], 0, device);
			return [
				needA ? sumTo(select(device, chosen, dy, zero, shape), a.shape) : null,
				needB ? sumTo(select(device, chosen, zero, dy, shape), b.shape) : null,
			];
		},
	});
	return out;
}
