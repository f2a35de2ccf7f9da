import { add, div } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { reshape } from "../../ops/reshape.js";
import { softmax } from "../../ops/softmax.js";
import { transpose } from "../../ops/transpose.js";
import { exp } from "../../ops/unary.js";
import { where } from "../../ops/where.js";
import { filled } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { countKeys } from "../linear/count-keys.js";
import { weightedSumReference } from "../linear/reference.js";
import type { AttendOptions } from "../mechanism.js";
import type { EfficientOptions } from "./index.js";

/**
 * Efficient attention by its definition, with the whole matrix of weights (Shen et al. 2021, arXiv 1812.01243): softmax(q) softmax(k)ᵀ, or
 * q kᵀ / n. The causal extension: softmax(q) exp(k)ᵀ over its row sums. For tests, on the reference device, where exp(k) is a number.
 */
export function efficientReference(
	q: Tensor,
	k: Tensor,
	v: Tensor,
	{ normalization = "softmax", causal = false, keyMask }: EfficientOptions & AttendOptions = {},
): Tensor {
	const [batch, , keys] = k.shape as [number, number, number];
	return scope(() => {
		if (causal) {
			const weights = matmul(softmax(q), exp(k), { transposeB: true });
			return weightedSumReference(weights, v, { causal, keyMask, least: 1e-20 });
		}
		const options = { keyMask, normalize: false };
		if (normalization === "scaling") {
			const count = countKeys(keys, keyMask);
			const weights = matmul(q, k, { transposeB: true });
			return weightedSumReference(div(weights, typeof count === "number" ? count : add(count, 1e-20)), v, options);
		}
		const columns = transpose(k, [0, 1, 3, 2]);
		const hidden = filled([], Number.NEGATIVE_INFINITY, k.device);
		const visible = keyMask ? where(reshape(keyMask, [batch, 1, 1, keys]), columns, hidden) : columns;
		return weightedSumReference(matmul(softmax(q), softmax(visible)), v, options);
	});
}
