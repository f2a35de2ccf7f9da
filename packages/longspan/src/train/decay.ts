import type { Shape } from "../tensor/shape.js";

/** Which parameters weight decay pulls towards 0. */
export interface DecayedWeights {
	/**
	 * Whether weight decay acts on a parameter, by its name, such as "blocks.0.attention.query", and shape. Default: on those of
	 * two and more axes, so not on biases and norms.
	 */
	decays?: (name: string, shape: Shape) => boolean;
}

/** The default of `decays`. */
export function isMatrix(_name: string, shape: Shape): boolean {
	return shape.length > 1;
}
