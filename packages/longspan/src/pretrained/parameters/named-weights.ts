import type { Matrix } from "../../ops/packed-matrix.js";
import type { Tensor } from "../../tensor/tensor.js";
import { type Declared, isDeclaration } from "./declare.js";

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
