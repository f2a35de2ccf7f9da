import { OptionError } from "../../errors.js";
import { mul } from "../../ops/arithmetic.js";
import { checkNumber, checkOptions } from "../../ops/operands.js";
import { concat } from "../../ops/slice.js";
import { relu } from "../../ops/unary.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { FeatureMap } from "./feature-map.js";

export interface CosineOptions {
	/** M: longest sequence there will be. Positions lie below it. */
	maxLength: number;
}

/**
 * cosFormer (Qin et al. 2022, arXiv 2202.08791, eq. 10–12): the weight of query i and key j is relu(q_i)·relu(k_j) cos(pi (i - j) / 2M),
 * which favours near keys. It is a product of features relu(x) [cos(pi i / 2M), sin(pi i / 2M)] of position i, which reach from 0
 * to M - 1, so the cosine is never negative.
 *
 * @throws OptionError when called on positions from `maxLength` on
 */
export function cosine(options: CosineOptions): FeatureMap {
	checkOptions("cosine", options, { maxLength: true });
	const { maxLength } = options;
	checkNumber("cosine", "maxLength", maxLength, { min: 1, integer: true });
	return {
		description: `cosine of ${maxLength}`,
		features: (headDim) => 2 * headDim,
		cost: (headDim) => ({ flops: 0, numbers: 3 * headDim }),
		map: (x, { position }) =>
			scope(() => {
				const length = x.shape[2] as number;
				if (position + length > maxLength)
					throw new OptionError(
						`cosine: maxLength is ${maxLength}, and the sequence has position ${position + length - 1}; make the feature map with a maxLength of the longest sequence`,
					);
				const wave = (of: (angle: number) => number) =>
					tensor(
						Float32Array.from({ length }, (_, i) => of((Math.PI * (position + i)) / (2 * maxLength))),
						[length, 1],
						x.device,
					);
				const positive = relu(x);
				return concat([mul(positive, wave(Math.cos)), mul(positive, wave(Math.sin))], 3);
			}),
	};
}
