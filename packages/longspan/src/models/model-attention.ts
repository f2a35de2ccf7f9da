import type { Attention } from "../attention/mechanism.js";
import { perHead } from "../attention/per-head/index.js";
import { OptionError } from "../errors.js";

/**
 * The attention of a model: one for all layers, or a list that its layers take in turn (`[local, lsh]`: local, lsh, local, ...). A list
 * within the list is for the heads of one layer, as `perHead` divides them.
 */
export type ModelAttention = Attention | readonly (Attention | readonly Attention[])[];

/** The attention of each of `layers` layers. Throws `OptionError` for an empty list. */
export function attentionOfLayers(name: string, choice: ModelAttention, layers: number): Attention[] {
	const list = typeof choice === "function" ? [choice] : choice;
	const wrong = (what: unknown) =>
		new OptionError(`${name}: attention is ${what}; expected an attention or a list of them`);
	if (!Array.isArray(list)) throw wrong(list);
	if (list.length === 0) throw wrong("an empty list");
	const resolved = list.map((entry: Attention | readonly Attention[]) => {
		const heads = [entry].flat() as Attention[];
		for (const attention of heads) if (typeof attention !== "function") throw wrong(`a list with ${attention} in it`);
		return typeof entry === "function" ? entry : perHead(heads);
	});
	return Array.from({ length: layers }, (_, layer) => resolved[layer % resolved.length] as Attention);
}
