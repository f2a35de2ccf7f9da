import { record } from "../autograd/tape.js";
import { emptyTensor } from "../tensor/create.js";
import { resolveAxis } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { checkOperands } from "./operands.js";
import { transpose } from "./transpose.js";

/** Softmax along an axis (default: the last). Slices of only -Infinity give 0. */
export function softmax(x: Tensor, axis = -1): Tensor {
	return alongLastAxis("softmax", x, axis, false);
}

/** Logarithm of the softmax along an axis (default: the last). */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
	return alongLastAxis("logSoftmax", x, axis, true);
}

function alongLastAxis(name: string, x: Tensor, axis: number, logarithm: boolean): Tensor {
	checkOperands(name, { x });
	const along = resolveAxis(name, axis, x.rank);
	if (along === x.rank - 1) return ofRows(x, logarithm);
	const exchange = x.shape.map((_, at) => (at === along ? x.rank - 1 : at === x.rank - 1 ? along : at));
	return transpose(ofRows(transpose(x, exchange), logarithm), exchange);
}

function ofRows(x: Tensor, logarithm: boolean): Tensor {
	const { backend } = x.device;
	const columns = x.shape[x.rank - 1] as number;
	const rows = columns > 0 ? x.size / columns : 0;
	const out = emptyTensor(x.device, x.shape);
	backend.softmax(x.buffer, out.buffer, rows, columns, logarithm);
	record([x], [out], {
		save: [out],
		backward: ([y], [dy]) => {
			if (!dy) return [null];
			const dx = emptyTensor(dy.device, dy.shape);
			backend.softmaxGradient((y as Tensor).buffer, dy.buffer, dx.buffer, rows, columns, logarithm);
			return [dx];
		},
	});
	return out;
}
