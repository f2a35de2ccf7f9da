/** What is done with a text that is longer than the model takes: nothing is cut unless asked for. */
export type OverflowPolicy = "error" | "truncate" | "stride";

/** How a text that was longer than the model takes was read. */
export interface Overflow {
	readonly policy: "truncate" | "stride";
	/** Tokens of the whole input, with the special tokens around it. */
	readonly tokens: number;
	/** Most tokens that were given to the model at once. */
	readonly limit: number;
	/** Number of windows the input was read in. */
	readonly windows: number;
	/** Tokens of the text that no window held. */
	readonly dropped: number;
}

/** Of a result: how its text was read, if it was longer than the model takes. */
export interface WithOverflow {
	overflow?: Overflow;
}

/** A list as the result of one text; `overflow` is a property of the list, and so not in its JSON. */
export type ResultList<T> = T[] & WithOverflow;

/** Says in a result that its text was too long. */
export function withOverflow<T extends object>(result: T, overflow: Overflow | undefined): T & WithOverflow {
	return overflow ? Object.assign(result, { overflow }) : result;
}
