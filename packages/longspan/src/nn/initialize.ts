import { mul } from "../ops/arithmetic.js";
import { checkNumber } from "../ops/operands.js";
import { normal } from "../ops/random.js";
import { scope } from "../tensor/scope.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** Draws initial weights: each call takes the next stream of one seed, so equal seeds give equal models. */
export interface Initializer {
	/** Normal weights with mean 0 and a standard deviation. */
	(shape: Shape, deviation: number): Tensor;
	/** The next of the seeds for parts that draw by themselves; they share no numbers with weights drawn here. */
	nextSeed(): number;
}

/**
 * Draws with a seed.
 *
 * @param seed an integer from 0 to 2^32 - 1
 * @throws OptionError for another seed
 */
export function normalInitializer(seed: number): Initializer {
	checkNumber("normalInitializer", "seed", seed, { min: 0, max: 2 ** 32 - 1, integer: true });
	let stream = 0;
	let parts = 0;
	const draw = (shape: Shape, deviation: number): Tensor =>
		scope(() => mul(normal(shape, { seed, stream: stream++ }), deviation));
	return Object.assign(draw, { nextSeed: () => seed + 2 ** 32 * ++parts });
}
