import { dropout, type RandomSource } from "../../ops/random.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Dropout in training, that is if there is a source of random numbers. */
export function drop(x: Tensor, rate: number, random: RandomSource | undefined): Tensor {
	return random && rate > 0 ? dropout(x, rate, random) : x;
}
