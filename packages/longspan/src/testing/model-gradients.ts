import { expect } from "vitest";
import { valueAndGrad } from "../autograd/grad.js";
import type { Device } from "../tensor/device.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { mapTree, type TensorTree, treeTensors } from "../tensor/tree.js";
import { exactTensor, exactValues } from "./tensor-gradient.js";

const step = 1e-5;

/**
 * Expects the gradient of a loss to equal central differences in float64, at one element of every tensor of the parameters. `device` is a
 * reference device.
 */
export function expectModelGradients<P extends TensorTree>(
	device: Device,
	parameters: P,
	loss: (parameters: P) => Tensor,
	tolerance = 1e-7,
): void {
	scope(() => {
		const weights = treeTensors(parameters) as Tensor[];
		const gradients = treeTensors(valueAndGrad(loss)(parameters).gradient).map(exactValues);
		weights.forEach((weight, index) => {
			const values = exactValues(weight);
			const at = (7 * index) % values.length;
			const lossAt = (value: number) =>
				scope(() => {
					const moved = exactTensor(
						device,
						values.map((old, i) => (i === at ? value : old)),
						weight.shape,
					);
					return exactValues(loss(mapTree(parameters, (own) => (own.id === weight.id ? moved : own))))[0] as number;
				});
			const here = values[at] as number;
			const expected = (lossAt(here + step) - lossAt(here - step)) / (2 * step);
			const actual = gradients[index]?.[at] as number;
			expect(
				Math.abs(actual - expected),
				`tensor ${index} at ${at}: ${actual}, by differences ${expected}`,
			).toBeLessThan(tolerance * (1 + Math.abs(expected)));
		});
	});
}
