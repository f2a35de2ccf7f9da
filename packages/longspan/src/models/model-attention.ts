import { isAttention } from "../attention/is-attention.js";
import type { Attention } from "../attention/mechanism.js";
import { perHead } from "../attention/per-head/index.js";
import { OptionError } from "../errors.js";
import { describe } from "../ops/operands.js";

/**
 * The attention of a model: one for all layers, or a list that its layers take in turn (`[local, lsh]`: local, lsh, local, ...). A list
 * within the list is for the heads of one layer, as `perHead` divides them.
 */
export type ModelAttention = Attention | readonly (Attention | readonly Attention[])[];

/** Throws `OptionError` unless the choice is one of attentions, and of some. `name`: of the model. */
export function checkModelAttention(name: string, choice: ModelAttention): void {
	const wrong = (what: string) =>
		new OptionError(
			`${name}: attention is ${what}; expected an attention, such as slidingWindow({ window: 256 }), or a list of them`,
		);
	if (isAttention(choice)) return;
	if (!Array.isArray(choice)) throw wrong(describe(choice));
	for (const entry of [choice, ...choice])
		if (Array.isArray(entry) && entry.length === 0)
			throw wrong(entry === choice ? "an empty list" : "a list with an empty list in it");
	for (const attention of choice.flat())
		if (!isAttention(attention)) throw wrong(`a list with ${describe(attention)} in it`);
}

/** The attention of each of `layers` layers. */
export function attentionOfLayers(choice: ModelAttention, layers: number): Attention[] {
	const list = typeof choice === "function" ? [choice] : choice;
	const resolved = list.map((entry) => (typeof entry === "function" ? entry : perHead(entry)));
	return Array.from({ length: layers }, (_, layer) => resolved[layer % resolved.length] as Attention);
}
