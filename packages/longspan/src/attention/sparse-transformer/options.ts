import { OptionError } from "../../errors.js";
import { checkChoice, checkFlag, checkNumber, checkOptions, type OptionNames } from "../../ops/operands.js";
import type { HeadSet, SparsePattern } from "./pattern.js";

export const name = "sparseTransformer";

export interface SparseTransformerOptions {
	/**
	 * Which two sets of keys the attention is made of. `local`: only the keys near the query. `strided`: those, and every
	 * stride-th key. `fixed`: the query's block of `stride` keys, and summary cells at the end of each block.
	 */
	pattern: "local" | "strided" | "fixed";
	/** The paper's l: keys of a local set, distance in a strided one, length of a block. At least 1. */
	stride: number;
	/**
	 * Who attends to which set. `merged`: every head to the union of both. `per-head`: even heads to the first, odd heads to the
	 * second. `interleaved`: layer by layer, see `layer`. `first`, `second`: every head to that one alone. Default: merged.
	 * Not for `local`, which has one set.
	 */
	combine?: "merged" | "per-head" | "interleaved" | "first" | "second";
	/** Index of the layer, for `interleaved` only: even layers attend to the first set, odd ones to the second. */
	layer?: number;
	/** The paper's c: summary cells of a head in each block of `fixed`, which needs it. At least 1. */
	summary?: number;
	/**
	 * Runs of `summary` cells that the heads share out, counted from the end of a block: head h has run h mod subBlocks (of the
	 * heads with summary cells, the h-th, where sets differ per head). `fixed` only. Default: 1.
	 */
	subBlocks?: number;
	/** Each query sees the keys up to its own position only. Default: true. */
	causal?: boolean;
	/**
	 * How many keys a local set has: `stride` with the query's own (`openai`, the released code), or one more (`paper`, taken
	 * literally). The same in a union with the strided set. Default: openai.
	 */
	convention?: "openai" | "paper";
	/** Factor of q·k. Default: 1 / sqrt(headDim). */
	scale?: number;
}

const optionNames: OptionNames<SparseTransformerOptions> = {
	pattern: true,
	stride: true,
	combine: true,
	layer: true,
	summary: true,
	subBlocks: true,
	causal: true,
	convention: true,
	scale: true,
};

const patterns = ["local", "strided", "fixed"];
const combinations = ["merged", "per-head", "interleaved", "first", "second"];
const conventions = ["openai", "paper"];

/** Checks the options and settles what every head sees. */
export function sparsePattern(options: SparseTransformerOptions): SparsePattern {
	checkOptions(name, options, optionNames);
	const { pattern, stride, combine, layer, summary, subBlocks = 1, causal = true, convention = "openai" } = options;
	checkChoice(name, "pattern", pattern, patterns);
	checkNumber(name, "stride", stride, { min: 1, integer: true });
	if (combine !== undefined) checkChoice(name, "combine", combine, combinations);
	checkChoice(name, "convention", convention, conventions);
	checkFlag(name, "causal", causal);
	if (options.scale !== undefined) checkNumber(name, "scale", options.scale);
	if (pattern === "local" && combine !== undefined)
		throw new OptionError(`${name}: combine is "${combine}" for pattern "local", which has one set; leave it out`);
	if (combine === "interleaved") checkNumber(name, "layer", layer as number, { min: 0, integer: true });
	else if (layer !== undefined)
		throw new OptionError(
			`${name}: layer is ${layer}; expected it with combine: "interleaved" only, where it chooses the set`,
		);
	checkSummary(options);
	return {
		kind: pattern,
		stride,
		causal,
		summary: summary ?? 0,
		reach: convention === "paper" ? stride : stride - 1,
		headSets: headSets(pattern === "local" ? "first" : (combine ?? "merged"), layer ?? 0, subBlocks),
	};
}

function checkSummary({ pattern, stride, combine, summary, subBlocks = 1 }: SparseTransformerOptions): void {
	if (pattern !== "fixed") {
		for (const [option, value] of Object.entries({ summary, subBlocks: subBlocks === 1 ? undefined : subBlocks }))
			if (value !== undefined)
				throw new OptionError(
					`${name}: ${option} is ${value} for pattern "${pattern}"; expected it with "fixed" only, which has summary cells`,
				);
		return;
	}
	checkNumber(name, "subBlocks", subBlocks, { min: 1, integer: true });
	if (combine === "first" && summary === undefined) return;
	checkNumber(name, "summary", summary as number, { min: 1, integer: true });
	if ((summary as number) * subBlocks > stride)
		throw new OptionError(
			`${name}: summary ${summary} times subBlocks ${subBlocks} is more than a block of stride ${stride}; expected at most ${stride} cells`,
		);
}

/** What heads 0, 1, … see; the list repeats. Equal entries are one object. */
function headSets(
	combine: NonNullable<SparseTransformerOptions["combine"]>,
	layer: number,
	subBlocks: number,
): readonly HeadSet[] {
	const first: HeadSet = { set: "first", subBlock: 0 };
	const bySubBlock = (set: HeadSet["set"]) => Array.from({ length: subBlocks }, (_, subBlock) => ({ set, subBlock }));
	if (combine === "merged") return bySubBlock("merged");
	const seconds = bySubBlock("second");
	if (combine === "per-head") return seconds.flatMap((second) => [first, second]);
	const isFirst = combine === "interleaved" ? layer % 2 === 0 : combine === "first";
	return isFirst ? [first] : seconds;
}

/** Checks that every kind of head is there, and equally often. */
export function checkHeads({ headSets: { length: period } }: SparsePattern, heads: number): void {
	if (heads % period !== 0)
		throw new OptionError(
			`${name}: ${heads} heads for ${period} kinds of heads (sets times subBlocks); expected a multiple of ${period}`,
		);
}

/** Checks that both sets of a pattern leave something out. */
export function checkLength({ kind, stride, causal }: SparsePattern, length: number): void {
	if (kind !== "local" && stride >= length)
		throw new OptionError(
			`${name}: stride is ${stride} for length ${length}; expected less than the length, best near its square root (${Math.round(Math.sqrt(length))}); for so short a sequence use full({ causal: ${causal} })`,
		);
}
