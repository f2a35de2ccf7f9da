import { reshape } from "../../ops/reshape.js";
import { where } from "../../ops/where.js";
import { filled } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { checkKeyMask } from "../sizes.js";

/** Stands for minus infinity among exponents: differences of it are numbers, and its exponential is 0. */
export const hiddenExponent = -1e30;

/**
 * Sets keys that are exponents to `hiddenExponent` where the mask is 0, before a maximum is taken of them.
 *
 * @param k [batch, heads, keyLength, headDim]
 * @param keyMask int32 [batch, keyLength]
 */
export function hideKeys(k: Tensor, keyMask: Tensor<"int32"> | undefined, name: string): Tensor {
	if (!keyMask) return k;
	const [batch, , keyLength] = k.shape as [number, number, number, number];
	checkKeyMask(name, keyMask, { batch, keyLength });
	return scope(() => where(reshape(keyMask, [batch, 1, keyLength, 1]), k, filled([], hiddenExponent, k.device)));
}
