import { record } from "../autograd/tape.js";
import type { BinaryOperation } from "../backends/backend.js";
import { emptyTensor } from "../tensor/create.js";
import { broadcastShapes, broadcastStrides } from "../tensor/shape.js";
import { Tensor } from "../tensor/tensor.js";
import { sumTo } from "./broadcast.js";
import { checkNumber, checkOperands } from "./operands.js";
import { neg, power, scaleBy, shiftBy } from "./unary.js";

function binary(operation: BinaryOperation, a: Tensor, b: Tensor): Tensor {
	const device = checkOperands(operation, { a, b });
	const shape = broadcastShapes(operation, a.shape, b.shape);
	const out = emptyTensor(device, shape);
	device.backend.binary(operation, a.buffer, b.buffer, out.buffer, {
		shape,
		strides: [broadcastStrides(a.shape, shape), broadcastStrides(b.shape, shape)],
	});
	return out;
}

/** a + b with NumPy broadcasting; either may be a number. */
export function add(a: Tensor | number, b: Tensor | number): Tensor {
	if (!(b instanceof Tensor)) return shiftBy("add", a as Tensor, b);
	if (!(a instanceof Tensor)) return shiftBy("add", b, a);
	const out = binary("add", a, b);
	record([a, b], [out], {
		save: [],
		backward: (_, [dy], [needA, needB]) => [
			dy && needA ? sumTo(dy, a.shape) : null,
			dy && needB ? sumTo(dy, b.shape) : null,
		],
	});
	return out;
}

/** a - b with NumPy broadcasting; either may be a number. */
export function sub(a: Tensor | number, b: Tensor | number): Tensor {
	if (!(b instanceof Tensor)) return shiftBy("sub", a as Tensor, -b);
	if (!(a instanceof Tensor)) return shiftBy("sub", neg(b), a);
	const out = binary("subtract", a, b);
	record([a, b], [out], {
		save: [],
		backward: (_, [dy], [needA, needB]) => [
			dy && needA ? sumTo(dy, a.shape) : null,
			dy && needB ? sumTo(neg(dy), b.shape) : null,
		],
	});
	return out;
}

/** a * b, element by element, with NumPy broadcasting; either may be a number. */
export function mul(a: Tensor | number, b: Tensor | number): Tensor {
	if (!(b instanceof Tensor)) return scaleBy("mul", a as Tensor, b);
	if (!(a instanceof Tensor)) return scaleBy("mul", b, a);
	const out = binary("multiply", a, b);
	record([a, b], [out], {
		save: [a, b],
		backward: ([x, y], [dy], [needA, needB]) => [
			dy && needA ? sumTo(binary("multiply", dy, y as Tensor), a.shape) : null,
			dy && needB ? sumTo(binary("multiply", dy, x as Tensor), b.shape) : null,
		],
	});
	return out;
}

/** a / b, element by element, with NumPy broadcasting; either may be a number. */
export function div(a: Tensor | number, b: Tensor | number): Tensor {
	if (!(b instanceof Tensor)) {
		checkNumber("div", "b", b);
		return scaleBy("div", a as Tensor, 1 / b);
	}
	if (!(a instanceof Tensor)) return scaleBy("div", power(b, -1), a);
	const out = binary("divide", a, b);
	record([a, b], [out], {
		save: [b, out],
		backward: ([divisor, quotient], [dy], [needA, needB]) => {
			if (!dy) return [null, null];
			const share = binary("divide", dy, divisor as Tensor);
			return [
				needA ? sumTo(share, a.shape) : null,
				needB ? sumTo(neg(binary("multiply", share, quotient as Tensor)), b.shape) : null,
			];
		},
	});
	return out;
}
