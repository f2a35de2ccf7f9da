import { expect } from "vitest";
import { vjp } from "../autograd/grad.js";
import { float64Values } from "../backends/reference/index.js";
import { emptyTensor } from "../tensor/create.js";
import type { Device } from "../tensor/device.js";
import { scope } from "../tensor/scope.js";
import { type Shape, sizeOf } from "../tensor/shape.js";
import type { AnyTensor, Tensor } from "../tensor/tensor.js";
import { integersBetween, normals } from "./random-values.js";

/** The elements of a tensor on the reference device, not rounded to float32. */
export function exactValues(tensor: AnyTensor): Float64Array {
	return float64Values(tensor.buffer);
}

/** A tensor of float64 values on the reference device. */
export function exactTensor(device: Device, values: ArrayLike<number>, shape: Shape): Tensor {
	const out = emptyTensor(device, shape);
	device.backend.write(out.buffer, values);
	return out;
}

/** Values to differentiate at: random ones of a shape, or given ones. */
export type GradientInput = Shape | { readonly shape: Shape; readonly values: readonly number[] };

const step = 1e-5;
const samples = 16;

/**
 * Expects the gradients of `fn` with respect to all its inputs, pulled back from a random gradient of its output, to equal
 * central differences in float64. `device` is a reference device.
 */
export function expectGradients(
	device: Device,
	fn: (...inputs: Tensor[]) => Tensor,
	inputs: readonly GradientInput[],
	tolerance = 1e-7,
): void {
	scope(() => {
		const shapes = inputs.map((input) => ("shape" in input ? input.shape : input));
		const values = inputs.map((input, index) =>
			Float64Array.from("shape" in input ? input.values : normals(sizeOf(input), 17 + index)),
		);
		const make = () => values.map((list, index) => exactTensor(device, list, shapes[index] as Shape));
		const { output, pullback } = vjp(fn, ...make());
		const upstream = normals(output.size, 5);
		const gradients = pullback(exactTensor(device, upstream, output.shape)).map(exactValues);
		const loss = (): number =>
			scope(() => exactValues(fn(...make())).reduce((sum, value, at) => sum + value * (upstream[at] as number), 0));
		values.forEach((list, input) => {
			const indices = list.length <= samples ? list.keys() : new Set(integersBetween(samples, 3, 0, list.length));
			for (const index of indices) {
				const original = list[index] as number;
				list[index] = original + step;
				const above = loss();
				list[index] = original - step;
				const below = loss();
				list[index] = original;
				const expected = (above - below) / (2 * step);
				const actual = gradients[input]?.[index] as number;
				expect(
					Math.abs(actual - expected),
					`gradient of input ${input} at ${index}: ${actual}, by differences ${expected}`,
				).toBeLessThan(tolerance * (1 + Math.abs(expected)));
			}
		});
	});
}
