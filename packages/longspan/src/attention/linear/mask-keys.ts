import { reshape } from "../../ops/reshape.js";
import { where } from "../../ops/where.js";
import { filled } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { checkKeyMask } from "../sizes.js";

/**
 * Sets mapped keys to zero where the mask is 0, which takes them out of the numerator and of the normaliser alike. Apply it
 * after the feature map.
 *
 * @param k [batch, heads, keyLength, headDim]
 * @param keyMask int32 [batch, keyLength]
 */
export function maskKeys(k: Tensor, keyMask: Tensor<"int32"> | undefined, name = "maskKeys"): Tensor {
	if (!keyMask) return k;
	const [batch, , keyLength] = k.shape as [number, number, number, number];
	checkKeyMask(name, keyMask, { batch, keyLength });
	return scope(() => where(reshape(keyMask, [batch, 1, keyLength, 1]), k, filled([], 0, k.device)));
}
