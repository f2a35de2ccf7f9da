import { record } from "../autograd/tape.js";
import { OptionError } from "../errors.js";
import { emptyTensor } from "../tensor/create.js";
import { resolveAxis, type Shape, sizeOf } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { axisExtent, sumAxesKeeping } from "./axes.js";
import { broadcastTo } from "./broadcast.js";
import { checkOperands } from "./operands.js";
import { reshape } from "./reshape.js";
import { transpose } from "./transpose.js";
import { scaleBy } from "./unary.js";

export interface ReduceOptions {
	/** Axes to reduce, negative from the end. Default: all. */
	axes?: number | readonly number[];
	/** Keep reduced axes with size 1. Default: false. */
	keepDims?: boolean;
}

interface Reduction {
	/** Sorted, without repeats. */
	readonly axes: readonly number[];
	readonly keptShape: Shape;
	readonly outShape: Shape;
}

function plan(operation: string, x: Tensor, { axes, keepDims = false }: ReduceOptions): Reduction {
	checkOperands(operation, { x });
	const list = axes === undefined ? x.shape.map((_, axis) => axis) : typeof axes === "number" ? [axes] : axes;
	const sorted = list.map((axis) => resolveAxis(operation, axis, x.rank)).sort((a, b) => a - b);
	if (new Set(sorted).size !== sorted.length)
		throw new OptionError(`${operation}: axes [${list.join(", ")}] name an axis twice`);
	const keptShape = x.shape.map((size, axis) => (sorted.includes(axis) ? 1 : size));
	return {
		axes: sorted,
		keptShape,
		outShape: keepDims ? keptShape : x.shape.filter((_, axis) => !sorted.includes(axis)),
	};
}

/** Sum over axes. */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
	const { axes, keptShape, outShape } = plan("sum", x, options);
	const reduced = sumAxesKeeping(x, axes);
	const out = reduced.view(outShape);
	reduced.dispose();
	record([x], [out], { save: [], backward: (_, [dy]) => [dy ? broadcastTo(dy.view(keptShape), x.shape) : null] });
	return out;
}

/** Mean over axes. */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
	const { axes } = plan("mean", x, options);
	const count = sizeOf(axes.map((axis) => x.shape[axis] as number));
	if (count === 0) throw new OptionError("mean: the reduced axes hold no element");
	return scaleBy("mean", sum(x, options), 1 / count);
}

/** Maximum over axes. Where several elements are the maximum they share the gradient evenly. */
export function max(x: Tensor, options: ReduceOptions = {}): Tensor {
	const { axes, outShape } = plan("max", x, options);
	const first = axes[0] ?? 0;
	const last = axes[axes.length - 1] ?? -1;
	if (last - first + 1 === axes.length) return maxOfNeighbours(x, first, last, outShape);
	const others = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
	const moved = transpose(x, [...others, ...axes]);
	return reshape(
		maxOfNeighbours(
			moved,
			others.length,
			x.rank - 1,
			others.map((axis) => x.shape[axis] as number),
		),
		outShape,
	);
}

function maxOfNeighbours(x: Tensor, first: number, last: number, outShape: Shape): Tensor {
	const extent = axisExtent(x.shape, first, last);
	if (extent.length === 0) throw new OptionError("max: the reduced axes hold no element");
	const out = emptyTensor(x.device, outShape);
	x.device.backend.reduce("max", x.buffer, out.buffer, extent);
	record([x], [out], {
		save: [x, out],
		backward: ([input, output], [dy]) => {
			if (!dy) return [null];
			const dx = emptyTensor(dy.device, x.shape);
			dy.device.backend.maxGradient((input as Tensor).buffer, (output as Tensor).buffer, dy.buffer, dx.buffer, extent);
			return [dx];
		},
	});
	return out;
}
