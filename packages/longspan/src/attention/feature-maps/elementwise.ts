import { mul } from "../../ops/arithmetic.js";
import { eluPlusOne as eluPlusOneOf, relu as reluOf } from "../../ops/unary.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { FeatureMap } from "./feature-map.js";

const elementwise = (description: string, map: (x: Tensor) => Tensor, copies = 0): FeatureMap => ({
	description,
	features: (headDim) => headDim,
	map,
	cost: (headDim) => ({ flops: 0, numbers: copies * headDim }),
});

/** elu(x) + 1: positive, with a slope everywhere (Katharopoulos et al. 2020, arXiv 2006.16236, eq. 7). */
export const eluPlusOne: FeatureMap = elementwise("elu + 1", eluPlusOneOf);

/** max(x, 0). A query or a row of keys may have no positive number: such weights are 0, and so is the output. */
export const relu: FeatureMap = elementwise("relu", reluOf);

/** max(x, 0)², which sharpens the weights of relu (So et al. 2021, arXiv 2109.08668, use it as an activation). */
export const squaredRelu: FeatureMap = elementwise(
	"squared relu",
	(x) =>
		scope(() => {
			const positive = reluOf(x);
			return mul(positive, positive);
		}),
	1,
);

/** x itself: weights q·k of either sign, whose sum may vanish. Use it with `normalize: false`. */
export const identity: FeatureMap = elementwise("identity", (x) => x);
