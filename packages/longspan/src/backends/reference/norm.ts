import type { RowKernels } from "../backend.js";
import { floats } from "./buffers.js";
import { dot } from "./vectors.js";

/** LayerNorm (Ba et al. 2016) and RMSNorm (Zhang and Sennrich 2019): out = (x - mean) * inverseDeviation * weight + bias. */
export const normKernels: Pick<RowKernels, "norm" | "normGradient"> = {
	norm({ x, weight, bias, mean, inverseDeviation, rows, columns, epsilon, out }) {
		const input = floats(x);
		const output = floats(out);
		const scale = floats(weight);
		const offset = bias && floats(bias);
		for (let row = 0; row < rows; row++) {
			const start = row * columns;
			const centre = mean ? sum(input.subarray(start, start + columns)) / columns : 0;
			const centred = input.slice(start, start + columns).map((value) => value - centre);
			const factor = 1 / Math.sqrt(dot(centred, 0, centred, 0, columns) / columns + epsilon);
			for (let c = 0; c < columns; c++) {
				output[start + c] = centred[c]! * factor * scale[c]! + (offset ? offset[c]! : 0);
			}
			if (mean) floats(mean)[row] = centre;
			floats(inverseDeviation)[row] = factor;
		}
	},

	/**
	 * With y = (x - mean) * inverseDeviation and g = dy_out * weight:
	 * dx = inverseDeviation * (g - mean(g) - y * mean(g y)), where RMSNorm has no mean(g).
	 */
	normGradient({ x, weight, mean, inverseDeviation, rows, columns, dy, dx, dWeight, dBias }) {
		const input = floats(x);
		const scale = floats(weight);
		const outputGradient = floats(dy);
		const inputGradient = floats(dx);
		const weightGradient = floats(dWeight).fill(0);
		const biasGradient = dBias && floats(dBias).fill(0);
		for (let row = 0; row < rows; row++) {
			const start = row * columns;
			const centre = mean ? floats(mean)[row]! : 0;
			const factor = floats(inverseDeviation)[row]!;
			const normalized = input.slice(start, start + columns).map((value) => (value - centre) * factor);
			const gradient = outputGradient.slice(start, start + columns).map((value, c) => value * scale[c]!);
			const gradientMean = mean ? sum(gradient) / columns : 0;
			const projection = dot(gradient, 0, normalized, 0, columns) / columns;
			for (let c = 0; c < columns; c++) {
				inputGradient[start + c] = factor * (gradient[c]! - gradientMean - normalized[c]! * projection);
				weightGradient[c]! += outputGradient[start + c]! * normalized[c]!;
				if (biasGradient) biasGradient[c]! += outputGradient[start + c]!;
			}
		}
	},
};

function sum(values: Float64Array): number {
	return values.reduce((total, value) => total + value, 0);
}
