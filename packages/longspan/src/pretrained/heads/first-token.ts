import { reshape } from "../../ops/reshape.js";
import { slice } from "../../ops/slice.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";

/** The first token of each text: [batch, length, dim] to [batch, dim]. */
export function firstToken(hidden: Tensor): Tensor {
	const [batch, , dim] = hidden.shape as [number, number, number];
	return scope(() => reshape(slice(hidden, 1, 0, 1), [batch, dim]));
}
