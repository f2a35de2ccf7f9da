import type { DType } from "../backends/backend.js";
import { OptionError } from "../errors.js";
import { exchangeOwner, type Tensor, type TensorOwner } from "./tensor.js";
import { treeTensors } from "./tree.js";

/**
 * Runs `body` and frees every tensor made in it, except those it returns (alone, or in arrays and plain objects).
 * Scopes nest. `body` must be synchronous.
 *
 * @example
 * const norm = scope(() => sqrt(sum(mul(x, x)))); // the product and the sum are freed
 */
export function scope<T>(body: () => T): T {
	const made = new Set<Tensor<DType>>();
	const outer: TensorOwner | null = exchangeOwner(made);
	let result: T;
	try {
		result = body();
		if (result instanceof Promise)
			throw new OptionError("scope: the function returned a promise; it must be synchronous (await outside of it)");
		for (const tensor of treeTensors(result)) if (made.has(tensor)) tensor.release(outer);
	} finally {
		exchangeOwner(outer);
		for (const tensor of made) tensor.dispose();
	}
	return result;
}

/** Takes tensors out of every scope: they live until `dispose()`. Returns its argument. */
export function keep<T>(tree: T): T {
	for (const tensor of treeTensors(tree)) tensor.release();
	return tree;
}
