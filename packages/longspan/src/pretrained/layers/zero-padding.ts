import { reshape } from "../../ops/reshape.js";
import { where } from "../../ops/where.js";
import { filled } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";

/**
 * Sets the rows of padding to 0. No token sees them, but checkpoints are run so: scores at padding, which an answer competes with in
 * training, come out the same.
 *
 * @param attended [batch, length, dim] or [batch, heads, length, headDim]
 * @param keyMask int32 [batch, length]; undefined: there is no padding
 */
export function zeroPadding(attended: Tensor, keyMask: Tensor<"int32"> | undefined): Tensor {
	if (!keyMask) return attended;
	const [batch, length] = keyMask.shape as [number, number];
	const shape = attended.rank === 3 ? [batch, length, 1] : [batch, 1, length, 1];
	return scope(() => where(reshape(keyMask, shape), attended, filled([], 0, attended.device)));
}
