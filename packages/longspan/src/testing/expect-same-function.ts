import { expect } from "vitest";
import { vjp } from "../autograd/grad.js";
import { tensor } from "../tensor/create.js";
import type { Device } from "../tensor/device.js";
import { scope } from "../tensor/scope.js";
import { type Shape, sizeOf } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { relativeError } from "./expect-close.js";
import { normals } from "./random-values.js";
import { exactValues } from "./tensor-gradient.js";

export type TensorFunction = (...inputs: Tensor[]) => Tensor;

/** Output of `fn` on random inputs of these shapes, and its gradients for a random gradient of the output. */
function outputAndGradients(device: Device, fn: TensorFunction, shapes: readonly Shape[]): ArrayLike<number>[] {
	const random = (shape: Shape, seed: number) => tensor(Float32Array.from(normals(sizeOf(shape), seed)), shape, device);
	const read: (x: Tensor) => ArrayLike<number> = device.description.startsWith("reference")
		? exactValues
		: (x) => x.dataSync();
	return scope(() => {
		const { output, pullback } = vjp(fn, ...shapes.map((shape, index) => random(shape, 31 + index)));
		const gradients = pullback(random(output.shape, 7));
		return [output, ...gradients].map((x) => Array.from(read(x)));
	});
}

/**
 * Expects `fn` on `device` to have the output and the gradients for all inputs that `definition` has on `reference` (float64). Both
 * are given their device.
 */
export function expectSameFunction(
	device: Device,
	fn: (device: Device) => TensorFunction,
	reference: Device,
	definition: (device: Device) => TensorFunction,
	shapes: readonly Shape[],
	tolerance: number,
): void {
	const buffers = device.memoryStats().buffers;
	const actual = outputAndGradients(device, fn(device), shapes);
	const expected = outputAndGradients(reference, definition(reference), shapes);
	expected.forEach((values, index) => {
		const what = index === 0 ? "output" : `gradient of input ${index - 1}`;
		expect(actual[index]!.length, what).toBe(values.length);
		expect(relativeError(actual[index]!, values), what).toBeLessThan(tolerance);
	});
	expect(device.memoryStats().buffers).toBe(buffers);
}
