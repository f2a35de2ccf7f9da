import { add } from "../ops/arithmetic.js";
import type { Tensor } from "../tensor/tensor.js";

/** A loss and what adaptive halting costs, where there is any. */
export function withPonderCost(loss: Tensor, ponderCost: Tensor | null): Tensor {
	return ponderCost ? add(loss, ponderCost) : loss;
}
