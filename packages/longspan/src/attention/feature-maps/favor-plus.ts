import { add, mul, sub } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { checkOptions } from "../../ops/operands.js";
import { sum } from "../../ops/reduce.js";
import { concat } from "../../ops/slice.js";
import { exp, neg } from "../../ops/unary.js";
import { scope } from "../../tensor/scope.js";
import type { FeatureMap } from "./feature-map.js";
import { type RandomFeatureOptions, randomFeatureOptionNames, randomProjection } from "./projection.js";

/**
 * FAVOR+, positive random features of the softmax kernel (Performer, Choromanski et al. 2021, arXiv 2009.14794, lemma 1 with both
 * signs): with y = x sqrt(t), u = Wy and o = |y|² / 2 + log(F) / 2, the features are [exp(u - o), exp(-u - o)], and the mean of
 * phi(q)·phi(k) over the draws is exp(t q·k). Directions are orthogonal unless `orthogonal: false`.
 *
 * They are drawn once for each mechanism. No maximum over the data is subtracted from the exponents, as some implementations do: a token
 * would then change the features of others, and the causal, whole and recurrent forms would disagree. An exponent is at most |w|² / 2 for
 * a direction w, about headDim / 2, which float32 holds up to a headDim of about 128.
 *
 * @throws OptionError for an odd number of features
 */
export function favorPlus(options: RandomFeatureOptions = {}): FeatureMap {
	const name = "favorPlus";
	checkOptions(name, options, randomFeatureOptionNames);
	const { orthogonal = true } = options;
	const projection = randomProjection(name, { ...options, orthogonal });
	return {
		description: "FAVOR+",
		features: projection.features,
		cost: (headDim) => projection.cost(headDim, 3),
		map: (x) =>
			scope(() => {
				const headDim = x.shape[3] as number;
				const u = matmul(x, projection.directions(headDim, x.device), { transposeB: true });
				const squares = scope(() => sum(mul(x, x), { axes: -1, keepDims: true }));
				const halves = mul(squares, projection.temperature(headDim) / 2);
				const offset = add(halves, Math.log(projection.features(headDim)) / 2);
				return exp(sub(concat([u, neg(u)], 3), offset));
			}),
	};
}
