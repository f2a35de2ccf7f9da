import { OptionError } from "../../errors.js";
import { checkFlag, checkNumber, checkOptions } from "../../ops/operands.js";
import { causalPattern, type Pattern, pattern } from "../plan/pattern.js";

export const name = "patterned";

/** A pattern, or a function that says whether the query at position i sees the key at position j. */
export type PatternSource = Pattern | ((i: number, j: number) => boolean);

export interface PatternedOptions {
	/** The pattern of all batch entries and heads. Either this or `patternOf`. */
	pattern?: PatternSource;
	/**
	 * The pattern of each batch entry and head. Where several are the same, return the same object, so that their plan is made once.
	 * Either this or `pattern`.
	 */
	patternOf?: (batch: number, head: number) => PatternSource;
	/** Hides keys after the query, whatever the pattern says of them. Default: false. */
	causal?: boolean;
	/** Factor of q·k. Default: 1 / sqrt(headDim). */
	scale?: number;
}

/** Patterns, each once, and which one each head of a call has: one entry for all, or one per batch entry and head. */
export interface HeadPatterns {
	readonly patterns: readonly Pattern[];
	readonly headMap: readonly number[];
}

export function checkPatternedOptions(options: PatternedOptions): void {
	checkOptions(name, options, { pattern: true, patternOf: true, causal: true, scale: true });
	const { pattern: shared, patternOf, causal = false, scale } = options;
	if ((shared === undefined) === (patternOf === undefined))
		throw new OptionError(`${name}: ${shared ? "both" : "neither"} of pattern and patternOf were given; expected one`);
	if (shared !== undefined) checkSource("pattern", shared);
	else if (typeof patternOf !== "function")
		throw new OptionError(
			`${name}: patternOf is ${String(patternOf)}; expected a function of batch entry and head that gives a pattern`,
		);
	checkFlag(name, "causal", causal);
	if (scale !== undefined) checkNumber(name, "scale", scale);
}

function checkSource(argument: string, source: PatternSource): void {
	if (typeof source !== "function" && typeof source?.sees !== "function")
		throw new OptionError(
			`${name}: ${argument} is ${String(source)}; expected a pattern, or a function (i, j) that says whether query i sees key j`,
		);
}

/** The patterns of a call with these sizes. */
export function headPatterns(options: PatternedOptions, batch: number, heads: number): HeadPatterns {
	const { pattern: shared, patternOf, causal = false } = options;
	const indices = new Map<PatternSource, number>();
	const indexOf = (source: PatternSource): number => {
		const index = indices.get(source) ?? indices.size;
		indices.set(source, index);
		return index;
	};
	const headMap = shared
		? [indexOf(shared)]
		: Array.from({ length: batch * heads }, (_, at) => {
				const [entry, head] = [Math.floor(at / heads), at % heads];
				const source = (patternOf as NonNullable<typeof patternOf>)(entry, head);
				checkSource(`patternOf(${entry}, ${head})`, source);
				return indexOf(source);
			});
	const patterns = [...indices.keys()].map((source) => {
		const own = typeof source === "function" ? pattern(source) : source;
		return causal ? own.and(causalPattern()) : own;
	});
	return { patterns, headMap };
}
