import { OptionError, ShapeError } from "../errors.js";

/** Sizes of the axes, outermost first. A scalar has none. */
export type Shape = readonly number[];

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
	let size = 1;
	for (const axis of shape) size *= axis;
	return size;
}

/** Elements between neighbours along each axis of a contiguous row-major array. */
export function stridesOf(shape: Shape): number[] {
	const strides = new Array<number>(shape.length);
	let stride = 1;
	for (let axis = shape.length - 1; axis >= 0; axis--) {
		strides[axis] = stride;
		stride *= shape[axis] as number;
	}
	return strides;
}

export function sameShape(a: Shape, b: Shape): boolean {
	return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

export function formatShape(shape: Shape): string {
	return `[${shape.join(", ")}]`;
}

/** Throws unless every size is a non-negative integer. */
export function checkShape(operation: string, shape: Shape): void {
	for (const size of shape)
		if (!Number.isSafeInteger(size) || size < 0)
			throw new ShapeError(`${operation}: shape ${formatShape(shape)} must hold non-negative integers only`);
}

/** The index of an axis counted from the front; negative axes count from the end. */
export function resolveAxis(operation: string, axis: number, rank: number): number {
	const resolved = axis < 0 ? axis + rank : axis;
	if (!Number.isInteger(axis) || resolved < 0 || resolved >= rank)
		throw new OptionError(
			`${operation}: axis is ${axis}; expected an integer from ${-rank} to ${rank - 1} for a tensor of ${rank} axes`,
		);
	return resolved;
}

/** The shape two shapes broadcast to, by NumPy's rule: aligned at the end, sizes equal or 1. */
export function broadcastShapes(operation: string, a: Shape, b: Shape): number[] {
	const rank = Math.max(a.length, b.length);
	const out = new Array<number>(rank);
	for (let axis = 0; axis < rank; axis++) {
		const x = a[a.length - rank + axis] ?? 1;
		const y = b[b.length - rank + axis] ?? 1;
		if (x !== y && x !== 1 && y !== 1)
			throw new ShapeError(
				`${operation}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast; sizes must be equal or 1 from the last axis on`,
			);
		out[axis] = x === 1 ? y : x;
	}
	return out;
}

/** Strides that read a tensor of shape `from` as if it had the shape `to` it broadcasts to. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
	const own = stridesOf(from);
	const missing = to.length - from.length;
	return to.map((_, axis) => (axis < missing || from[axis - missing] === 1 ? 0 : (own[axis - missing] as number)));
}
