import { checkNumber } from "../../ops/operands.js";
import { appendTile } from "./append-tile.js";
import { checkSizes } from "./builders.js";
import { type TilePlan, type TileRule, type TileRun, tileSize, tilesFor } from "./tile-plan.js";

/** What a pattern knows of a whole box of pairs: all visible, none, or it must be tested pair by pair. */
export type BoxVerdict = "all" | "none" | "some";

/** Key positions first..last, inclusive. */
export interface KeyRange {
	readonly first: number;
	readonly last: number;
}

/** What a pattern may know beyond its pairs, so that making a plan need not test every pair. */
export interface PatternHints {
	/** Verdict on queries i0..i1 and keys j0..j1 (inclusive). Default: "some". */
	box?(i0: number, i1: number, j0: number, j1: number): BoxVerdict;
	/** Keys outside of this range are seen by none of the queries i0..i1. Default: no limit. */
	reach?(i0: number, i1: number): KeyRange;
}

/** A rule that says which key positions each query position sees. Combine with `and`, `or` and `not`. */
export interface Pattern extends Required<PatternHints> {
	/** Whether the query at position i sees the key at position j. */
	sees(i: number, j: number): boolean;
	and(other: Pattern): Pattern;
	or(other: Pattern): Pattern;
	not(): Pattern;
}

const everywhere: KeyRange = { first: Number.NEGATIVE_INFINITY, last: Number.POSITIVE_INFINITY };

/**
 * A pattern from a function of positions. Without hints every pair is tested once when a plan is made, which takes time
 * (but no memory) in proportion to queries times keys.
 */
export function pattern(
	sees: (i: number, j: number) => boolean,
	{ box = () => "some", reach = () => everywhere }: PatternHints = {},
): Pattern {
	return {
		sees,
		box,
		reach,
		and: (other) =>
			pattern((i, j) => sees(i, j) && other.sees(i, j), {
				box(...corners) {
					const [a, b] = [box(...corners), other.box(...corners)];
					return a === "none" || b === "none" ? "none" : a === "all" && b === "all" ? "all" : "some";
				},
				reach(...rows) {
					const [a, b] = [reach(...rows), other.reach(...rows)];
					return { first: Math.max(a.first, b.first), last: Math.min(a.last, b.last) };
				},
			}),
		or: (other) =>
			pattern((i, j) => sees(i, j) || other.sees(i, j), {
				box(...corners) {
					const [a, b] = [box(...corners), other.box(...corners)];
					return a === "all" || b === "all" ? "all" : a === "none" && b === "none" ? "none" : "some";
				},
				reach(...rows) {
					const [a, b] = [reach(...rows), other.reach(...rows)];
					return { first: Math.min(a.first, b.first), last: Math.max(a.last, b.last) };
				},
			}),
		not: () =>
			pattern((i, j) => !sees(i, j), {
				box: (...corners) => ({ all: "none", none: "all", some: "some" })[box(...corners)] as BoxVerdict,
			}),
	};
}

/** Keys with minOffset <= j - i <= maxOffset. */
export function bandPattern(minOffset: number, maxOffset: number): Pattern {
	return pattern((i, j) => j - i >= minOffset && j - i <= maxOffset, {
		box(i0, i1, j0, j1) {
			if (j1 - i0 < minOffset || j0 - i1 > maxOffset) return "none";
			return j0 - i1 >= minOffset && j1 - i0 <= maxOffset ? "all" : "some";
		},
		reach: (i0, i1) => ({ first: i0 + minOffset, last: i1 + maxOffset }),
	});
}

/** Keys that do not come after the query. */
export function causalPattern(): Pattern {
	return bandPattern(Number.NEGATIVE_INFINITY, 0);
}

/** Keys with j - i = offset modulo `stride`. */
export function stridedPattern(stride: number, offset = 0): Pattern {
	checkNumber("stridedPattern", "stride", stride, { min: 1, integer: true });
	return pattern((i, j) => (j - i - offset) % stride === 0, { box: () => (stride === 1 ? "all" : "some") });
}

/** Compiles a pattern to a plan. Tiles are kept whole, kept with a bitmap of their pairs, or dropped. */
export function patternPlan(rows: number, columns: number, visible: Pattern): TilePlan {
	checkSizes("patternPlan", { rows, columns });
	const rules: TileRule[] = [{}];
	const runs = Array.from({ length: tilesFor(rows) }, (_, rowTile) => {
		const list: TileRun[] = [];
		const { first, last } = visible.reach(rowTile * tileSize, Math.min(rows, (rowTile + 1) * tileSize) - 1);
		const firstTile = Math.floor(Math.max(0, first) / tileSize);
		const lastTile = Math.floor(Math.min(columns - 1, last) / tileSize);
		for (let columnTile = firstTile; columnTile <= lastTile; columnTile++) {
			const rule = ruleOfTile(rows, columns, rowTile, columnTile, visible, rules);
			if (rule !== null) appendTile(list, columnTile, rule, rules);
		}
		return list;
	});
	return { rows, columns, rowOrder: null, columnOrder: null, runs, rules };
}

/** Index of the tile's rule, added to `rules` if it needs a bitmap; null if nothing is visible. */
function ruleOfTile(
	rows: number,
	columns: number,
	rowTile: number,
	columnTile: number,
	visible: Pattern,
	rules: TileRule[],
): number | null {
	const [i0, j0] = [rowTile * tileSize, columnTile * tileSize];
	const i1 = Math.min(rows, i0 + tileSize) - 1;
	const j1 = Math.min(columns, j0 + tileSize) - 1;
	const verdict = visible.box(i0, i1, j0, j1);
	if (verdict === "none") return null;
	if (verdict === "all") return 0;
	const bitmap = new Uint32Array(2 * tileSize);
	let count = 0;
	for (let i = i0; i <= i1; i++)
		for (let j = j0; j <= j1; j++)
			if (visible.sees(i, j)) {
				const word = (i - i0) * 2 + ((j - j0) >> 5);
				bitmap[word] = (bitmap[word] as number) | (1 << ((j - j0) & 31));
				count++;
			}
	if (count === 0) return null;
	if (count === (i1 - i0 + 1) * (j1 - j0 + 1)) return 0;
	rules.push({ bitmap });
	return rules.length - 1;
}
