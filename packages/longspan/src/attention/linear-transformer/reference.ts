import { matmul } from "../../ops/matmul.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { eluPlusOne } from "../feature-maps/elementwise.js";
import { weightedSumReference } from "../linear/reference.js";
import type { AttendOptions } from "../mechanism.js";
import type { LinearOptions } from "./index.js";

/**
 * Linear attention by its definition, with the whole matrix of weights (Katharopoulos et al. 2020, arXiv 2006.16236, eq. 3):
 * A = phi(q) phi(k)ᵀ over the visible keys, out = A v / (row sum of A + epsilon). For tests, on the reference device.
 */
export function linearReference(
	q: Tensor,
	k: Tensor,
	v: Tensor,
	{ featureMap = eluPlusOne, epsilon = 1e-6, ...options }: LinearOptions & AttendOptions = {},
): Tensor {
	return scope(() => {
		const mappedQ = featureMap.map(q, { side: "query", position: 0 });
		const mappedK = featureMap.map(k, { side: "key", position: 0 });
		return weightedSumReference(matmul(mappedQ, mappedK, { transposeB: true }), v, { epsilon, ...options });
	});
}
