import { mul } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { checkNumber, checkOptions } from "../../ops/operands.js";
import { concat } from "../../ops/slice.js";
import { cos, sin } from "../../ops/unary.js";
import { filled } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { FeatureMap } from "./feature-map.js";
import { type RandomFeatureOptions, randomFeatureOptionNames, randomProjection } from "./projection.js";

export interface RandomFourierOptions extends RandomFeatureOptions {
	/** Adds smoothing² to the kernel by one more, constant feature, which keeps the sum of the weights from 0. Default: 0. */
	smoothing?: number;
}

/**
 * Random Fourier features sqrt(2 / F) [cos u, sin u] with u = Wx sqrt(t) (Rahimi & Recht 2007): phi(q)·phi(k) approximates the Gaussian
 * kernel exp(-t |q - k|² / 2). Single weights may be negative and their sum near 0; `smoothing` is a remedy.
 *
 * @throws OptionError for an odd number of features
 */
export function randomFourier(options: RandomFourierOptions = {}): FeatureMap {
	const name = "randomFourier";
	checkOptions(name, options, { ...randomFeatureOptionNames, smoothing: true });
	const { smoothing = 0, orthogonal = false } = options;
	checkNumber(name, "smoothing", smoothing, { min: 0 });
	const projection = randomProjection(name, { ...options, orthogonal });
	const constants = smoothing > 0 ? 1 : 0;
	return {
		description: `random Fourier${smoothing > 0 ? `, smoothing ${smoothing}` : ""}`,
		features: (headDim) => projection.features(headDim) + constants,
		cost: (headDim) => projection.cost(headDim, 2.5 + constants),
		map: (x) =>
			scope(() => {
				const [batch, heads, length, headDim] = x.shape as [number, number, number, number];
				const angles = matmul(x, projection.directions(headDim, x.device), { transposeB: true });
				const waves = mul(concat([cos(angles), sin(angles)], 3), Math.sqrt(2 / projection.features(headDim)));
				if (constants === 0) return waves;
				return concat([waves, filled([batch, heads, length, 1], smoothing, x.device)], 3);
			}),
	};
}
