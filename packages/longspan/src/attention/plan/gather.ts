import { OptionError } from "../../errors.js";
import { type TilePlan, type TileRule, tileSize, tilesFor } from "./tile-plan.js";

/** Positions as slots: filled up with empty ones to a whole number of tiles. */
export function slotsOf(positions: ArrayLike<number>): Int32Array {
	const slots = new Int32Array(tilesFor(positions.length) * tileSize).fill(-1);
	slots.set(positions as ArrayLike<number>);
	return slots;
}

export interface GatherOptions {
	readonly rows: number;
	readonly columns: number;
	/** Queries that take part, in any order, each at most once; default: all. */
	readonly rowList?: ArrayLike<number>;
	/** Keys that they see, in any order; default: all. A key that is listed twice counts twice. */
	readonly columnList?: ArrayLike<number>;
	/** Further test on the pairs; default: none. */
	readonly rule?: TileRule;
}

/** Listed queries see listed keys (for example all queries a few global keys, or a few global queries all keys). */
export function gatherPlan({ rows, columns, rowList, columnList, rule = {} }: GatherOptions): TilePlan {
	checkList("rowList", rowList, rows);
	checkList("columnList", columnList, columns);
	if (rowList && new Set(Array.from(rowList)).size !== rowList.length)
		throw new OptionError("gatherPlan: rowList names a query twice");
	const columnTiles = tilesFor(columnList ? columnList.length : columns);
	const rowTiles = tilesFor(rowList ? rowList.length : rows);
	const runs = columnTiles > 0 ? [{ firstTile: 0, tiles: columnTiles, rule: 0 }] : [];
	return {
		rows,
		columns,
		rowOrder: rowList ? slotsOf(rowList) : null,
		columnOrder: columnList ? slotsOf(columnList) : null,
		runs: Array.from({ length: rowTiles }, () => runs),
		rules: [rule],
	};
}

function checkList(name: string, list: ArrayLike<number> | undefined, length: number): void {
	if (!list) return;
	for (let index = 0; index < list.length; index++) {
		const position = list[index] as number;
		if (!Number.isInteger(position) || position < 0 || position >= length)
			throw new OptionError(
				`gatherPlan: ${name}[${index}] is ${position}; expected an integer from 0 to ${length - 1}`,
			);
	}
}
