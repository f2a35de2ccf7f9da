import { record } from "../autograd/tape.js";
import type { DType } from "../backends/backend.js";
import { OptionError, ShapeError } from "../errors.js";
import { emptyTensor } from "../tensor/create.js";
import { formatShape, resolveAxis, type Shape, stridesOf } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { checkNumber, checkOperands } from "./operands.js";

/** Copies the box of `shape` at `from` in `source` to `to` in `target`. Offsets are indices per axis. */
function copyBox(
	source: Tensor<DType>,
	from: readonly number[],
	target: Tensor<DType>,
	to: readonly number[],
	shape: Shape,
): void {
	const sourceStrides = stridesOf(source.shape);
	const targetStrides = stridesOf(target.shape);
	const dot = (index: readonly number[], strides: readonly number[]) =>
		index.reduce((sum, at, axis) => sum + at * (strides[axis] as number), 0);
	source.device.backend.copy(source.buffer, target.buffer, {
		shape,
		sourceOffset: dot(from, sourceStrides),
		sourceStrides,
		targetOffset: dot(to, targetStrides),
		targetStrides,
	});
}

/** Elements `start` (inclusive) to `end` (exclusive, default: the size) along one axis; negative positions count from the end. */
export function slice<D extends DType>(x: Tensor<D>, axis: number, start: number, end?: number): Tensor<D> {
	const device = checkOperands("slice", { x }, "any");
	const along = resolveAxis("slice", axis, x.rank);
	const size = x.shape[along] as number;
	const position = (value: number) => (value < 0 ? value + size : value);
	const first = position(start);
	const last = position(end ?? size);
	if (!Number.isInteger(first) || !Number.isInteger(last) || first < 0 || last < first || last > size)
		throw new OptionError(
			`slice: range ${start} to ${end ?? size} does not lie in axis ${axis} of shape ${formatShape(x.shape)}`,
		);
	const shape = x.shape.map((old, at) => (at === along ? last - first : old));
	const from = x.shape.map((_, at) => (at === along ? first : 0));
	const out = emptyTensor(device, shape, x.dtype);
	copyBox(
		x,
		from,
		out,
		from.map(() => 0),
		shape,
	);
	record([x], [out], { save: [], backward: (_, [dy]) => [dy ? pad(dy, along, first, size - last) : null] });
	return out;
}

/** Adds `before` and `after` elements of `value` (default 0) along one axis. */
export function pad<D extends DType>(x: Tensor<D>, axis: number, before: number, after: number, value = 0): Tensor<D> {
	const device = checkOperands("pad", { x }, "any");
	const along = resolveAxis("pad", axis, x.rank);
	checkNumber("pad", "before", before, { min: 0, integer: true });
	checkNumber("pad", "after", after, { min: 0, integer: true });
	const size = x.shape[along] as number;
	const out = emptyTensor(
		device,
		x.shape.map((old, at) => (at === along ? before + old + after : old)),
		x.dtype,
	);
	device.backend.fill(out.buffer, value);
	const origin = x.shape.map(() => 0);
	copyBox(
		x,
		origin,
		out,
		x.shape.map((_, at) => (at === along ? before : 0)),
		x.shape,
	);
	record([x], [out], { save: [], backward: (_, [dy]) => [dy ? slice(dy, along, before, before + size) : null] });
	return out;
}

/** Tensors one after the other along an axis; the other axes must agree. */
export function concat<D extends DType>(tensors: readonly Tensor<D>[], axis: number): Tensor<D> {
	const [head] = tensors;
	if (!head) throw new OptionError("concat: tensors is empty; expected at least one");
	const device = checkOperands(
		"concat",
		Object.fromEntries(tensors.map((tensor, index) => [`tensors[${index}]`, tensor])),
		head.dtype,
	);
	const along = resolveAxis("concat", axis, head.rank);
	tensors.forEach((tensor, index) => {
		if (tensor.rank !== head.rank || tensor.shape.some((size, at) => at !== along && size !== head.shape[at]))
			throw new ShapeError(
				`concat: tensors[${index}] has shape ${formatShape(tensor.shape)}; expected ${formatShape(head.shape)} but for axis ${axis}`,
			);
	});
	const starts: number[] = [];
	let total = 0;
	for (const tensor of tensors) {
		starts.push(total);
		total += tensor.shape[along] as number;
	}
	const out = emptyTensor(
		device,
		head.shape.map((size, at) => (at === along ? total : size)),
		head.dtype,
	);
	tensors.forEach((tensor, index) => {
		const origin = tensor.shape.map(() => 0);
		copyBox(
			tensor,
			origin,
			out,
			origin.map((_, at) => (at === along ? (starts[index] as number) : 0)),
			tensor.shape,
		);
	});
	record(tensors, [out], {
		save: [],
		backward: (_, [dy], needed) =>
			tensors.map((tensor, index) => {
				const start = starts[index] as number;
				return dy && needed[index] ? slice(dy, along, start, start + (tensor.shape[along] as number)) : null;
			}),
	});
	return out;
}
