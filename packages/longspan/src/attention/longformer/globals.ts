import { OptionError } from "../../errors.js";
import { checkNumber } from "../../ops/operands.js";

/** Positions of the global tokens: one list for all batch entries, or one list for each. */
export type GlobalTokens = readonly number[] | readonly (readonly number[])[];

/** Ascending positions: one list, or as many as batch entries. */
export type GlobalLists = readonly (readonly number[])[];

/** Checks global tokens as far as that needs no length, and puts each list in order. */
export function checkGlobals(name: string, globals: GlobalTokens): GlobalLists {
	if (!Array.isArray(globals))
		throw new OptionError(`${name}: globalTokens is ${String(globals)}; expected a list of positions`);
	const perEntry = globals.some(Array.isArray);
	if (perEntry && !globals.every(Array.isArray))
		throw new OptionError(
			`${name}: globalTokens holds positions and lists; expected positions for all batch entries, or one list of them per entry`,
		);
	const lists: GlobalLists = perEntry ? (globals as GlobalLists) : [globals as readonly number[]];
	return lists.map((list) => {
		const sorted = [...list].sort((a, b) => a - b);
		sorted.forEach((position, at) => {
			checkNumber(name, "globalTokens: a position", position, { min: 0, integer: true });
			if (position === sorted[at - 1])
				throw new OptionError(`${name}: globalTokens names position ${position} twice; expected each position once`);
		});
		return sorted;
	});
}

/** The lists of a call: all positions must lie in the sequence; equal lists become one. */
export function globalsOfCall(name: string, lists: GlobalLists, batch: number, length: number): GlobalLists {
	if (lists.length > 1 && lists.length !== batch)
		throw new OptionError(
			`${name}: globalTokens has ${lists.length} lists; expected one for each of the ${batch} batch entries, or positions for all`,
		);
	for (const list of lists) {
		const last = list[list.length - 1] ?? 0;
		if (last >= length)
			throw new OptionError(
				`${name}: globalTokens holds position ${last}; expected 0 to ${length - 1} (length ${length}); leave out positions beyond the sequence`,
			);
	}
	const [first] = lists;
	return lists.every((list) => list.join() === first?.join()) ? lists.slice(0, 1) : lists;
}
