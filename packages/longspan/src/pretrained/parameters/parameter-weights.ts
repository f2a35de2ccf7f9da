import { OptionError } from "../../errors.js";
import type { Matrix } from "../../ops/packed-matrix.js";
import { Tensor } from "../../tensor/tensor.js";
import type { WeightSource } from "./weight-source.js";

/**
 * Weights of a model to be saved.
 *
 * @param location what they are called in errors
 * @param named the weights by their names in checkpoints, as `namedWeights` gives them
 * @throws OptionError for packed matrices, of which the exact numbers are gone
 */
export function parameterWeights(location: string, named: ReadonlyMap<string, Matrix>): WeightSource {
	const tensors = new Map<string, Tensor>();
	for (const [name, weight] of named) {
		if (!(weight instanceof Tensor))
			throw new OptionError(`${location}: "${name}" is packed; load the model with trainable: true to save it`);
		tensors.set(name, weight);
	}
	// A weight is read piece by piece, but comes from its device as a whole.
	let last: { readonly name: string; readonly values: Float32Array } | undefined;
	return {
		location,
		names: [...tensors.keys()],
		shapeOf: (name) => tensors.get(name)?.shape,
		async read(name, begin, end) {
			const tensor = tensors.get(name);
			if (!tensor) throw new OptionError(`${location}: there is no weight "${name}"`);
			if (last?.name !== name) {
				last = undefined;
				last = { name, values: await tensor.data() };
			}
			return last.values.subarray(begin, end);
		},
	};
}
