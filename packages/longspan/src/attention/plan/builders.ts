import { checkNumber } from "../../ops/operands.js";
import { type TilePlan, type TileRule, type TileRun, tileSize, tilesFor } from "./tile-plan.js";

/** Checks numbers of queries, of keys, or of those in a block. @internal */
export function checkSizes(builder: string, lengths: Readonly<Record<string, number>>): void {
	for (const [name, length] of Object.entries(lengths)) checkNumber(builder, name, length, { min: 1, integer: true });
}

/** Every query sees every key. */
export function fullPlan(rows: number, columns: number): TilePlan {
	checkSizes("fullPlan", { rows, columns });
	const run: TileRun = { firstTile: 0, tiles: tilesFor(columns), rule: 0 };
	return {
		rows,
		columns,
		rowOrder: null,
		columnOrder: null,
		runs: Array.from({ length: tilesFor(rows) }, () => [run]),
		rules: [{}],
	};
}

export interface BandOptions {
	readonly rows: number;
	readonly columns: number;
	/** Smallest key position minus query position that is visible. Default: no bound. */
	readonly minOffset?: number | undefined;
	/** Largest key position minus query position that is visible. Default: no bound. */
	readonly maxOffset?: number | undefined;
}

/** Query r sees the keys r + minOffset to r + maxOffset. Tiles inside the band are run without a test. */
export function bandPlan({ rows, columns, minOffset, maxOffset }: BandOptions): TilePlan {
	checkSizes("bandPlan", { rows, columns });
	const low = minOffset ?? Number.NEGATIVE_INFINITY;
	const high = maxOffset ?? Number.POSITIVE_INFINITY;
	const edge: TileRule = {
		...(minOffset !== undefined && { minOffset }),
		...(maxOffset !== undefined && { maxOffset }),
	};
	const runs = Array.from({ length: tilesFor(rows) }, (_, tile) => {
		const firstRow = tile * tileSize;
		const lastRow = Math.min(rows, firstRow + tileSize) - 1;
		// Keys that some row of the tile sees, and keys that all of them see.
		const seen = span(firstRow + low, lastRow + high, columns);
		const inside = span(lastRow + low, firstRow + high, columns);
		return bandRuns(seen, inside, columns);
	});
	return { rows, columns, rowOrder: null, columnOrder: null, runs, rules: [{}, edge] };
}

/** Causal attention: query r sees keys up to r + offset, with offset the number of keys before the first query. */
export function causalPlan(rows: number, columns: number = rows, offset: number = columns - rows): TilePlan {
	return bandPlan({ rows, columns, maxOffset: offset });
}

/** Slots first..last inclusive; empty if last < first. @internal */
export interface Span {
	readonly first: number;
	readonly last: number;
}

/** A span cut to the columns. @internal */
export function span(first: number, last: number, columns: number): Span {
	return { first: Math.max(0, first), last: Math.min(columns - 1, last) };
}

/** At most three runs: the edge below, the tiles wholly inside (rule 0), the edge above (rule 1). @internal */
export function bandRuns(seen: Span, inside: Span, columns: number): TileRun[] {
	if (seen.last < seen.first) return [];
	const first = Math.floor(seen.first / tileSize);
	const end = Math.floor(seen.last / tileSize) + 1;
	let insideFirst = Math.min(end, Math.max(first, Math.ceil(inside.first / tileSize)));
	// The last tile may be partly filled: it is inside if all its keys are.
	let insideEnd = inside.last === columns - 1 ? tilesFor(columns) : Math.floor((inside.last + 1) / tileSize);
	insideEnd = Math.max(first, Math.min(end, insideEnd));
	if (insideEnd <= insideFirst) insideFirst = insideEnd = end;
	const runs = [
		{ firstTile: first, tiles: insideFirst - first, rule: 1 },
		{ firstTile: insideFirst, tiles: insideEnd - insideFirst, rule: 0 },
		{ firstTile: insideEnd, tiles: end - insideEnd, rule: 1 },
	];
	return runs.filter((run) => run.tiles > 0);
}
