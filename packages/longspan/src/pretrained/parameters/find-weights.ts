import type { Declaration } from "./declare.js";
import type { WeightSource } from "./weight-source.js";

export interface FoundWeights {
	/** Name in the checkpoint of every weight that it has. */
	readonly found: ReadonlyMap<Declaration, string>;
	/** Those that must be there. */
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
	const used = new Set<string>();
	for (const declaration of declarations) {
		const { name, aliases = [], optional } = declaration;
		const present = [name, ...aliases]
			.flatMap((own) => namesOf(own, prefix))
			.filter((candidate) => source.shapeOf(candidate) !== undefined);
		if (present[0] !== undefined) found.set(declaration, present[0]);
		else if (!optional) missing.push(declaration);
		// Tied weights may be stored under each of their names.
		for (const candidate of present) used.add(candidate);
	}
	return { found, missing, unused: source.names.filter((name) => !used.has(name)) };
}

function namesOf(name: string, prefix: string): string[] {
	const other = name.startsWith(prefix) ? name.slice(prefix.length) : prefix + name;
	return [name, other].flatMap((own) => [
		own,
		...olderNames.filter(([pattern]) => pattern.test(own)).map(([pattern, older]) => own.replace(pattern, older)),
	]);
}
