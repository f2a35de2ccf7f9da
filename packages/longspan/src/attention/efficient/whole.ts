import { withTape } from "../../autograd/tape.js";
import { add, div, sub } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { max, sum } from "../../ops/reduce.js";
import { softmax } from "../../ops/softmax.js";
import { transpose } from "../../ops/transpose.js";
import { exp } from "../../ops/unary.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { countKeys } from "../linear/count-keys.js";
import { hideKeys } from "../linear/hide-keys.js";
import { maskKeys } from "../linear/mask-keys.js";

/** Added to sums that are at least 1 unless no key takes part: 0 / 0 becomes 0, and nothing else changes. */
export const tiny = 1e-20;

/** softmax(q) over the channels, times the softmax of k over the positions, times v. */
export function softmaxNormalized(q: Tensor, k: Tensor, v: Tensor, keyMask: Tensor<"int32"> | undefined): Tensor {
	return scope(() => {
		const context = scope(() => {
			const powers = maskKeys(
				scope(() => positionPowers(hideKeys(k, keyMask, "efficient"))),
				keyMask,
				"efficient",
			);
			const totals = transpose(sum(powers, { axes: 2, keepDims: true }), [0, 1, 3, 2]);
			return div(matmul(powers, v, { transposeA: true }), add(totals, tiny));
		});
		return matmul(softmax(q), context);
	});
}

/** exp(k - m) with m the maximum of each channel, which cancels in the softmax: it needs no gradient. */
function positionPowers(k: Tensor): Tensor {
	return exp(
		sub(
			k,
			withTape(null, () => max(k, { axes: 2, keepDims: true })),
		),
	);
}

/** q kᵀ v / n with n the number of keys that take part. */
export function scalingNormalized(q: Tensor, k: Tensor, v: Tensor, keyMask: Tensor<"int32"> | undefined): Tensor {
	return scope(() => {
		const count = countKeys(k.shape[2] as number, keyMask);
		const context = matmul(maskKeys(k, keyMask, "efficient"), v, { transposeA: true });
		return matmul(q, div(context, typeof count === "number" ? count : add(count, tiny)));
	});
}
