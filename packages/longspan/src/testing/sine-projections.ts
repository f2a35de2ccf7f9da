import type { Device } from "../tensor/device.js";
import type { Tensor } from "../tensor/tensor.js";
import { exactTensor } from "./tensor-gradient.js";

/**
 * Projections of the inputs of the stored outputs of other implementations, which are given by formulas:
 * x[b][t][c] = sin(0.3 t (1 + 0.1 c) + 0.5 c + b), and for the layer m: W[o][i] = 0.5 sin(1 + 0.7 o + 1.3 i + m),
 * bias[o] = 0.1 cos(o + m), y = x Wᵀ + bias, split into heads: [batch, heads, length, hidden / heads], in float64.
 */
export function sineProjection(
	device: Device,
	sizes: { readonly batch: number; readonly heads: number; readonly length: number; readonly hidden: number },
	layer: number,
): Tensor {
	const { batch, heads, length, hidden } = sizes;
	const headDim = hidden / heads;
	const values: number[] = [];
	for (let b = 0; b < batch; b++)
		for (let h = 0; h < heads; h++)
			for (let t = 0; t < length; t++)
				for (let o = h * headDim; o < (h + 1) * headDim; o++) {
					let y = 0.1 * Math.cos(o + layer);
					for (let c = 0; c < hidden; c++)
						y += Math.sin(0.3 * t * (1 + 0.1 * c) + 0.5 * c + b) * 0.5 * Math.sin(1 + 0.7 * o + 1.3 * c + layer);
					values.push(y);
				}
	return exactTensor(device, values, [batch, heads, length, headDim]);
}

/** The values of [batch, heads, length, headDim] in the order of [batch, length, heads * headDim]. */
export function joinHeads(values: ArrayLike<number>, [batch, heads, length, headDim]: readonly number[]): number[] {
	const joined: number[] = [];
	for (let b = 0; b < batch!; b++)
		for (let t = 0; t < length!; t++)
			for (let h = 0; h < heads!; h++)
				for (let c = 0; c < headDim!; c++) joined.push(values[((b * heads! + h) * length! + t) * headDim! + c]!);
	return joined;
}
