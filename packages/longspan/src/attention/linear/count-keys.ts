import { sum } from "../../ops/reduce.js";
import { reshape } from "../../ops/reshape.js";
import { where } from "../../ops/where.js";
import { filled } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Number of keys that take part in each batch entry, [batch, 1, 1, 1]; `keyLength` itself without a mask. */
export function countKeys(keyLength: number, keyMask: Tensor<"int32"> | undefined): Tensor | number {
	if (!keyMask) return keyLength;
	return scope(() => {
		const [one, zero] = [filled([], 1, keyMask.device), filled([], 0, keyMask.device)];
		return reshape(sum(where(keyMask, one, zero), { axes: 1 }), [keyMask.shape[0] as number, 1, 1, 1]);
	});
}
