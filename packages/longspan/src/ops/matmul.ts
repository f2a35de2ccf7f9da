import { record } from "../autograd/tape.js";
import { ShapeError } from "../errors.js";
import { emptyTensor } from "../tensor/create.js";
import { scope } from "../tensor/scope.js";
import { broadcastShapes, formatShape, type Shape, sameShape, sizeOf } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { broadcastTo, sumTo } from "./broadcast.js";
import { checkOperands } from "./operands.js";
import { reshape } from "./reshape.js";
import { transpose } from "./transpose.js";

export interface MatmulOptions {
	/** Take `a` as stored [..., k, m]. No copy is made. Default: false. */
	transposeA?: boolean;
	/** Take `b` as stored [..., n, k]. No copy is made. Default: false. */
	transposeB?: boolean;
}

/** One operand's matrices within a batch: all of them in order, or one shared by the whole batch. */
interface BatchOperand {
	readonly tensor: Tensor;
	readonly stride: number;
}

/** Repeats an operand's batch axes only if they neither cover the batch in order nor are all 1. */
function batchOperand(x: Tensor, batchShape: Shape): BatchOperand {
	const own = x.shape.slice(0, -2);
	const matrix = x.shape.slice(-2);
	if (sizeOf(own) === 1) return { tensor: x, stride: 0 };
	if (sizeOf(own) === sizeOf(batchShape)) return { tensor: x, stride: sizeOf(matrix) };
	return { tensor: broadcastTo(x, [...batchShape, ...matrix]), stride: sizeOf(matrix) };
}

function multiply(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
	const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
	const [bRows, bColumns] = b.shape.slice(-2) as [number, number];
	const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
	const n = transposeB ? bRows : bColumns;
	const batchShape = broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2));
	const out = emptyTensor(a.device, [...batchShape, m, n]);
	const left = batchOperand(a, batchShape);
	const right = batchOperand(b, batchShape);
	// A matrix shared by the whole batch: the batch is only more rows.
	const folded = right.stride === 0 && !transposeA && left.stride === m * k;
	const batch = sizeOf(batchShape);
	a.device.backend.matmul({
		a: left.tensor.buffer,
		b: right.tensor.buffer,
		out: out.buffer,
		batch: folded ? 1 : batch,
		m: folded ? batch * m : m,
		n,
		k,
		aBatchStride: left.stride,
		bBatchStride: right.stride,
		transposeA,
		transposeB,
	});
	for (const [operand, original] of [
		[left.tensor, a],
		[right.tensor, b],
	] as const)
		if (operand !== original) operand.dispose();
	return out;
}

/** Gradient of a shared matrix: rows of the whole batch in one product, rather than one product each and a sum. */
function gradientOfShared(a: Tensor, dy: Tensor, transposeB: boolean): Tensor {
	const asRows = (x: Tensor) => x.view([x.size / (x.shape[x.rank - 1] as number), x.shape[x.rank - 1] as number]);
	return transposeB ? multiply(asRows(dy), asRows(a), true, false) : multiply(asRows(a), asRows(dy), true, false);
}

/** Whether one left matrix meets all of several right matrices. */
function sharesLeft(a: Tensor, b: Tensor, dy: Tensor): boolean {
	const batchOf = (x: Tensor): Shape => x.shape.slice(0, -2);
	const [shared, own, batch] = [batchOf(a), batchOf(b), batchOf(dy)];
	return sizeOf(shared) === 1 && sizeOf(batch) > 1 && sameShape(own, batch) && b.size > 0 && dy.size > 0;
}

/**
 * Gradient of a shared left matrix: columns of the whole batch in one product. Putting them side by side takes a copy, but less
 * memory than a gradient for each batch entry.
 */
function gradientOfSharedLeft(a: Tensor, b: Tensor, dy: Tensor): Tensor {
	const sideBySide = (x: Tensor) => {
		const rows = x.rank - 2;
		const order = [rows, ...x.shape.keys()].filter((axis, at) => at === 0 || axis !== rows);
		return reshape(transpose(x, order), [x.shape[rows] as number, -1]);
	};
	return scope(() => multiply(sideBySide(dy), sideBySide(b), false, true).view(a.shape));
}

/**
 * Matrix product over the last two axes, with leading axes broadcast.
 *
 * @param a [..., m, k]
 * @param b [..., k, n]
 * @returns [..., m, n]
 * @throws ShapeError if the inner sizes differ or the leading axes do not broadcast
 */
export function matmul(a: Tensor, b: Tensor, { transposeA = false, transposeB = false }: MatmulOptions = {}): Tensor {
	checkOperands("matmul", { a, b });
	for (const [name, operand] of Object.entries({ a, b }))
		if (operand.rank < 2)
			throw new ShapeError(
				`matmul: argument ${name} has shape ${formatShape(operand.shape)}; expected at least two axes`,
			);
	const inner = a.shape[a.rank - (transposeA ? 2 : 1)] as number;
	const other = b.shape[b.rank - (transposeB ? 1 : 2)] as number;
	if (inner !== other)
		throw new ShapeError(
			`matmul: a ${formatShape(a.shape)}${transposeA ? " transposed" : ""} has inner size ${inner}, b ${formatShape(b.shape)}${transposeB ? " transposed" : ""} has ${other}; they must be equal`,
		);
	const out = multiply(a, b, transposeA, transposeB);
	record([a, b], [out], {
		save: [a, b],
		backward: ([x, y], [dy], [needA, needB]) => {
			if (!dy) return [null, null];
			const [left, right] = [x as Tensor, y as Tensor];
			const gradientA = () => {
				if (!transposeA && !transposeB && sharesLeft(left, right, dy)) return gradientOfSharedLeft(left, right, dy);
				return transposeA ? multiply(right, dy, transposeB, true) : multiply(dy, right, false, !transposeB);
			};
			const gradientB = () => {
				const shared = right.rank === 2 && !transposeA && sameShape(left.shape.slice(0, -1), dy.shape.slice(0, -1));
				if (shared && left.size > 0 && dy.size > 0) return gradientOfShared(left, dy, transposeB);
				return transposeB ? multiply(dy, left, true, transposeA) : multiply(left, dy, !transposeA, false);
			};
			return [needA ? sumTo(gradientA(), a.shape) : null, needB ? sumTo(gradientB(), b.shape) : null];
		},
	});
	return out;
}
