import { OptionError } from "../../errors.js";
import { embedding } from "../../ops/embedding.js";
import { type Matrix, PackedMatrix } from "../../ops/packed-matrix.js";
import { intTensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { WeightSource } from "./weight-source.js";

/**
 * Weights of a model to be saved, as the model holds them: those packed as float16 or bfloat16 are as they were rounded.
 *
 * @param location what they are called in errors
 * @param named the weights by their names in checkpoints, as `namedWeights` gives them
 * @throws OptionError for matrices of int8, which are too coarse to be anyone's checkpoint
 */
export function parameterWeights(location: string, named: ReadonlyMap<string, Matrix>): WeightSource {
	for (const [name, weight] of named)
		if (weight instanceof PackedMatrix && weight.format === "int8")
			throw new OptionError(
				`${location}: "${name}" is kept as int8; load the model with trainable: true, or another dtype than "q8", to save it`,
			);
	// A weight is read piece by piece, but a tensor comes from its device as a whole.
	let last: { readonly name: string; readonly values: Float32Array } | undefined;
	return {
		location,
		names: [...named.keys()],
		shapeOf: (name) => named.get(name)?.shape,
		async read(name, begin, end) {
			const weight = named.get(name);
			if (!weight) throw new OptionError(`${location}: there is no weight "${name}"`);
			if (weight instanceof PackedMatrix) return readPacked(weight, begin, end);
			if (last?.name !== name) {
				last = undefined;
				last = { name, values: await weight.data() };
			}
			return last.values.subarray(begin, end);
		},
	};
}

/** Elements `begin` to `end` of a packed matrix, of which only whole rows can be read. */
async function readPacked(matrix: PackedMatrix, begin: number, end: number): Promise<Float32Array> {
	const columns = matrix.shape[1];
	const first = Math.floor(begin / columns);
	const count = Math.ceil(end / columns) - first;
	const rows = scope(() => {
		const ids = Int32Array.from({ length: count }, (_, at) => first + at);
		return embedding(matrix, intTensor(ids, [count], matrix.device));
	});
	try {
		return (await rows.data()).slice(begin - first * columns, end - first * columns);
	} finally {
		rows.dispose();
	}
}
