import type { DType } from "../backends/backend.js";
import { DTypeError, ShapeError } from "../errors.js";
import { currentDevice, type Device } from "./device.js";
import { checkShape, formatShape, type Shape, sizeOf } from "./shape.js";
import { Storage } from "./storage.js";
import { Tensor } from "./tensor.js";

/** @internal A tensor with undefined contents, for a kernel to write. */
export function emptyTensor<D extends DType = "float32">(
	device: Device,
	shape: Shape,
	dtype: D = "float32" as D,
): Tensor<D> {
	return new Tensor(new Storage(device, device.backend.createBuffer(dtype, sizeOf(shape))), shape, dtype);
}

function fromValues<D extends DType>(
	operation: string,
	values: ArrayLike<number>,
	shape: Shape,
	dtype: D,
	device: Device,
): Tensor<D> {
	checkShape(operation, shape);
	if (values.length !== sizeOf(shape))
		throw new ShapeError(
			`${operation}: values has ${values.length} elements; shape ${formatShape(shape)} needs ${sizeOf(shape)}`,
		);
	let range: { min: number; max: number } | null = null;
	if (dtype === "int32") {
		range = { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
		for (let index = 0; index < values.length; index++) {
			const value = values[index] as number;
			if ((value | 0) !== value)
				throw new DTypeError(`${operation}: values[${index}] is ${value}; expected a 32-bit integer`);
			if (value < range.min) range.min = value;
			if (value > range.max) range.max = value;
		}
	}
	const buffer = device.backend.createBuffer(dtype, values.length);
	device.backend.write(buffer, values);
	return new Tensor(new Storage(device, buffer, range), shape, dtype);
}

/**
 * A float32 tensor from numbers in row-major order.
 *
 * @param values as many as the shape holds; copied
 * @param shape default: one axis
 */
export function tensor(
	values: ArrayLike<number>,
	shape: Shape = [values.length],
	device: Device = currentDevice(),
): Tensor {
	return fromValues("tensor", values, shape, "float32", device);
}

/** An int32 tensor (ids, masks) from integers in row-major order. Throws `DTypeError` on values that are no 32-bit integers. */
export function intTensor(
	values: ArrayLike<number>,
	shape: Shape = [values.length],
	device: Device = currentDevice(),
): Tensor<"int32"> {
	return fromValues("intTensor", values, shape, "int32", device);
}

/** A float32 tensor of one value. */
export function filled(shape: Shape, value: number, device: Device = currentDevice()): Tensor {
	checkShape("filled", shape);
	const out = emptyTensor(device, shape);
	device.backend.fill(out.buffer, value);
	return out;
}

/** A float32 tensor of zeros. */
export function zeros(shape: Shape, device?: Device): Tensor {
	return filled(shape, 0, device);
}

/** A float32 tensor of ones. */
export function ones(shape: Shape, device?: Device): Tensor {
	return filled(shape, 1, device);
}

/** Zeros of the shape and device of `x`. */
export function zerosLike(x: Tensor): Tensor {
	return filled(x.shape, 0, x.device);
}
