import { record } from "../autograd/tape.js";
import { ShapeError } from "../errors.js";
import { emptyTensor } from "../tensor/create.js";
import { formatShape, sameShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { checkNumber, checkOperands } from "./operands.js";

export interface NormOptions {
	/** Added to the variance (or mean square). Default: 1e-5. */
	epsilon?: number;
}

/**
 * Layer normalisation over the last axis (Ba et al. 2016, arXiv 1607.06450): (x - mean) / sqrt(variance + epsilon) * weight + bias.
 *
 * @param weight [columns]
 * @param bias [columns]
 */
export function layerNorm(x: Tensor, weight: Tensor, bias: Tensor, options: NormOptions = {}): Tensor {
	return norm("layerNorm", x, weight, bias, options);
}

/**
 * Root-mean-square normalisation over the last axis (Zhang & Sennrich 2019, arXiv 1910.07467): x / sqrt(mean(x^2) + epsilon) * weight.
 *
 * @param weight [columns]
 */
export function rmsNorm(x: Tensor, weight: Tensor, options: NormOptions = {}): Tensor {
	return norm("rmsNorm", x, weight, null, options);
}

function norm(name: string, x: Tensor, weight: Tensor, bias: Tensor | null, { epsilon = 1e-5 }: NormOptions): Tensor {
	const device = checkOperands(name, bias ? { x, weight, bias } : { x, weight });
	checkNumber(name, "epsilon", epsilon, { min: 0 });
	const columns = x.shape[x.rank - 1] ?? 0;
	for (const [argument, vector] of Object.entries(bias ? { weight, bias } : { weight }))
		if (!sameShape(vector.shape, [columns]))
			throw new ShapeError(
				`${name}: argument ${argument} has shape ${formatShape(vector.shape)}; expected [${columns}], the last axis of x ${formatShape(x.shape)}`,
			);
	const { backend } = device;
	const rows = columns > 0 ? x.size / columns : 0;
	const out = emptyTensor(device, x.shape);
	const inverseDeviation = emptyTensor(device, [rows]);
	const mean = bias ? emptyTensor(device, [rows]) : null;
	backend.norm({
		x: x.buffer,
		weight: weight.buffer,
		bias: bias?.buffer ?? null,
		mean: mean?.buffer ?? null,
		inverseDeviation: inverseDeviation.buffer,
		rows,
		columns,
		epsilon,
		out: out.buffer,
	});
	record(bias ? [x, weight, bias] : [x, weight], [out], {
		save: [x, weight, inverseDeviation, ...(bias && mean ? [bias, mean] : [])],
		backward: ([input, scale, deviation, shift, center], [dy]) => {
			if (!dy) return [];
			const dx = emptyTensor(device, x.shape);
			const dWeight = emptyTensor(device, [columns]);
			const dBias = shift ? emptyTensor(device, [columns]) : null;
			backend.normGradient({
				x: (input as Tensor).buffer,
				weight: (scale as Tensor).buffer,
				bias: (shift as Tensor | undefined)?.buffer ?? null,
				mean: (center as Tensor | undefined)?.buffer ?? null,
				inverseDeviation: (deviation as Tensor).buffer,
				rows,
				columns,
				dy: dy.buffer,
				dx: dx.buffer,
				dWeight: dWeight.buffer,
				dBias: dBias?.buffer ?? null,
			});
			return dBias ? [dx, dWeight, dBias] : [dx, dWeight];
		},
	});
	inverseDeviation.dispose();
	mean?.dispose();
	return out;
}
