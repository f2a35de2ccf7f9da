import type { Declaration } from "./declare.js";
import type { WeightSource } from "./weight-source.js";

export interface FoundWeights {
	/** Name in the checkpoint of every weight that it has. */
	readonly found: ReadonlyMap<Declaration, string>;
	readonly missing: readonly Declaration[];
	/** Names that no declaration asks for. */
	readonly unused: readonly string[];
}

/** Names of older files: layer norms as TensorFlow called them. */
const olderNames: readonly (readonly [RegExp, string])[] = [
	[/LayerNorm\.weight$/, "LayerNorm.gamma"],
	[/LayerNorm\.bias$/, "LayerNorm.beta"],
];

/**
 * Finds declared weights in a checkpoint: under their names, under those of older files, and without (or with) the prefix of the
 * architecture, since a checkpoint may be of the architecture alone or of one with a head.
 */
export function findWeights(declarations: readonly Declaration[], source: WeightSource, prefix: string): FoundWeights {
	const found = new Map<Declaration, string>();
	const missing: Declaration[] = [];
	for (const declaration of declarations) {
		const name = namesOf(declaration.name, prefix).find((candidate) => source.shapeOf(candidate) !== undefined);
		if (name === undefined) missing.push(declaration);
		else found.set(declaration, name);
	}
	const used = new Set(found.values());
	return { found, missing, unused: source.names.filter((name) => !used.has(name)) };
}

function namesOf(name: string, prefix: string): string[] {
	const other = name.startsWith(prefix) ? name.slice(prefix.length) : prefix + name;
	return [name, other].flatMap((own) => [
		own,
		...olderNames.filter(([pattern]) => pattern.test(own)).map(([pattern, older]) => own.replace(pattern, older)),
	]);
}
