import type { AlignedText } from "../aligned-text.js";
import type { FindMatches } from "../pattern.js";

/** Takes the parts of a text, one after the other. */
export type TakePart = (part: AlignedText) => void;

/** What becomes of the matches that a text is split at. */
export const splitBehaviors = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"] as const;
export type SplitBehavior = (typeof splitBehaviors)[number];

/** Splits a text at the matches of a pattern; parts are given as soon as they are known, none is empty. */
export function splitAt(text: AlignedText, find: FindMatches, behavior: SplitBehavior, take: TakePart): void {
	// The part that is not given yet, as what follows may be a part of it.
	let [begin, end, isMatch] = [0, 0, false];
	const next = (from: number, to: number, matches: boolean) => {
		const joins =
			(behavior === "Contiguous" && matches === isMatch) ||
			(behavior === "MergedWithPrevious" && matches && !isMatch) ||
			(behavior === "MergedWithNext" && !matches && isMatch);
		if (joins) end = to;
		else {
			give();
			[begin, end] = [from, to];
		}
		isMatch = matches;
	};
	const give = () => {
		if (begin < end && !(isMatch && behavior === "Removed")) take(text.slice(begin, end));
	};
	let last = 0;
	find(text.text, (from, to) => {
		if (last < from) next(last, from, false);
		next(from, to, true);
		last = to;
	});
	if (last < text.length) next(last, text.length, false);
	give();
}
