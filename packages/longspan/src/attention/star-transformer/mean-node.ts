import { add, div, sub } from "../../ops/arithmetic.js";
import { max, mean, sum } from "../../ops/reduce.js";
import { reshape } from "../../ops/reshape.js";
import { where } from "../../ops/where.js";
import { filled } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";

/**
 * Mean of the tokens that take part, 0 where none does: how a relay node starts.
 *
 * @param x [batch, ..., length, width]
 * @param mask int32 [batch, length]. Default: all take part.
 * @returns [batch, ..., 1, width]
 */
export function meanNode(x: Tensor, mask?: Tensor<"int32">): Tensor {
	if (!mask) return mean(x, { axes: -2, keepDims: true });
	return scope(() => {
		const [batch, length] = mask.shape as [number, number];
		const tokens = reshape(mask, [batch, ...new Array<number>(x.rank - 3).fill(1), length, 1]);
		const constant = (value: number) => filled([], value, x.device);
		const ones = where(tokens, constant(1), constant(0));
		const count = sum(ones, { axes: -2, keepDims: true });
		// At least 1.
		const divisor = add(count, sub(1, max(ones, { axes: -2, keepDims: true })));
		return div(sum(where(tokens, x, constant(0)), { axes: -2, keepDims: true }), divisor);
	});
}
