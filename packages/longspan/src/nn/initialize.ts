import { mul } from "../ops/arithmetic.js";
import { normal } from "../ops/random.js";
import { scope } from "../tensor/scope.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** Draws initial weights: each call takes the next stream of one seed, so equal seeds give equal models. */
export type Initializer = (shape: Shape, deviation: number) => Tensor;

/** Normal weights with mean 0 and the deviation asked for. */
export function normalInitializer(seed: number): Initializer {
	let stream = 0;
	return (shape, deviation) => scope(() => mul(normal(shape, { seed, stream: stream++ }), deviation));
}
