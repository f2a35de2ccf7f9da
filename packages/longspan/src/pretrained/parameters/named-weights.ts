import { OptionError } from "../../errors.js";
import type { Matrix } from "../../ops/packed-matrix.js";
import type { Tensor } from "../../tensor/tensor.js";
import { type Declared, isDeclaration, mapDeclared } from "./declare.js";

/** The weights of a model by their names in checkpoints, each once: what `loadParameters` made of them, or what training made of that. */
export function namedWeights(declared: Declared, parameters: unknown): Map<string, Matrix> {
	const named = new Map<string, Tensor | Matrix>();
	const walk = (part: Declared, loaded: unknown): void => {
		if (loaded === undefined) return;
		if (isDeclaration(part)) named.set(part.name, loaded as Matrix);
		else
			for (const [name, child] of Object.entries(part))
				if (child !== undefined) walk(child, (loaded as Record<string, unknown>)[name]);
	};
	walk(declared, parameters);
	return named;
}

/**
 * The parameters of a model with other weights in their places.
 *
 * @param parameters what `loadParameters` made; weights that it left out stay so
 * @throws OptionError naming a weight that is missing or that the model does not have
 */
export function withWeights(
	declared: Declared,
	parameters: unknown,
	weights: Readonly<Record<string, Matrix>>,
): ReturnType<typeof mapDeclared> {
	const own = namedWeights(declared, parameters);
	const unknown = Object.keys(weights).find((name) => !own.has(name));
	const missing = [...own.keys()].find((name) => weights[name] === undefined);
	if (missing !== undefined)
		throw new OptionError(`weights: "${missing}" is missing; expected all weights of the model`);
	if (unknown !== undefined)
		throw new OptionError(`weights: "${unknown}" is no weight of the model; expected those of model.weights()`);
	return mapDeclared(declared, ({ name }) => weights[name]);
}
