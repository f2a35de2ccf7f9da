import { OptionError } from "../../errors.js";
import { appendTile } from "./append-tile.js";
import { checkSizes } from "./builders.js";
import { slotsOf } from "./gather.js";
import { narrowRule, type Reach, tileReaches } from "./narrow-rule.js";
import { type TilePlan, type TileRule, type TileRun, tileSize } from "./tile-plan.js";

/** Neighbouring blocks first..last, inclusive. */
export interface BlockRange {
	readonly first: number;
	readonly last: number;
}

export interface BlockOptions {
	readonly rows: number;
	readonly columns: number;
	/** Queries in the order in which they form blocks, each at most once. Default: all, in order. */
	readonly rowList?: ArrayLike<number> | undefined;
	/** Keys in the order in which they form blocks. Default: all, in order. */
	readonly columnList?: ArrayLike<number> | undefined;
	/** Queries in a block; the last one may be short. */
	readonly rowBlock: number;
	/** Keys in a block. Default: rowBlock. */
	readonly columnBlock?: number;
	/** The key blocks that a query block sees, in any order. A block that is named m times counts m times. */
	readonly sees: (rowBlock: number) => readonly BlockRange[];
	/** Further test on every pair. Default: none. */
	readonly rule?: TileRule;
}

/** Row and column slots of a tile, ends exclusive. */
type Rectangle = readonly [rowFrom: number, rowUntil: number, columnFrom: number, columnUntil: number];

/**
 * Blocks of queries see blocks of keys: block-local, block-sparse and hashed attention, summary columns. Takes time and memory in
 * proportion to the tiles. Tiles that no block boundary cuts are run without a bitmap.
 */
export function blockPlan(options: BlockOptions): TilePlan {
	const { rows, columns, rowList, columnList, rowBlock, columnBlock = rowBlock, sees, rule = {} } = options;
	checkSizes("blockPlan", { rows, columns, rowBlock, columnBlock });
	const [rowCount, columnCount] = [rowList?.length ?? rows, columnList?.length ?? columns];
	const [rowOrder, columnOrder] = [rowList ? slotsOf(rowList) : null, columnList ? slotsOf(columnList) : null];
	const reaches = tileReaches(columnOrder, columns);
	const rules = new RuleSet(rule);
	const runs = tileReaches(rowOrder, rows).map((reach, rowTile) => {
		const rectangles = rectanglesOf(rowTile, { rowCount, columnCount, rowBlock, columnBlock, sees });
		const rowsFilled = Math.min(tileSize, rowCount - rowTile * tileSize);
		const list: TileRun[] = [];
		for (const columnTile of [...rectangles.keys()].sort((a, b) => a - b)) {
			const filled = [rowsFilled, Math.min(tileSize, columnCount - columnTile * tileSize)] as const;
			const narrowed = narrowRule(rule, reach, reaches[columnTile] as Reach);
			if (!narrowed) continue;
			for (const index of rules.indicesOf(rectangles.get(columnTile) as Rectangle[], filled, narrowed))
				appendTile(list, columnTile, index, rules.list);
		}
		return list;
	});
	return { rows, columns, rowOrder, columnOrder, runs, rules: rules.list };
}

/** What a row tile sees of each column tile. */
function rectanglesOf(
	rowTile: number,
	{
		rowCount,
		columnCount,
		rowBlock,
		columnBlock,
		sees,
	}: { rowCount: number; columnCount: number; rowBlock: number; columnBlock: number } & Pick<BlockOptions, "sees">,
): Map<number, Rectangle[]> {
	const byTile = new Map<number, Rectangle[]>();
	const start = rowTile * tileSize;
	const end = Math.min(rowCount, start + tileSize);
	const blocks = Math.ceil(columnCount / columnBlock);
	for (let block = Math.floor(start / rowBlock); block * rowBlock < end; block++) {
		const rowFrom = Math.max(0, block * rowBlock - start);
		const rowUntil = Math.min(end, (block + 1) * rowBlock) - start;
		for (const { first, last } of sees(block)) {
			if (first < 0 || last >= blocks || first > last)
				throw new OptionError(`blockPlan: block ${block} sees the blocks ${first} to ${last}; there are ${blocks}`);
			const until = Math.min(columnCount, (last + 1) * columnBlock);
			for (let at = first * columnBlock; at < until; ) {
				const tile = Math.floor(at / tileSize);
				const next = Math.min(until, (tile + 1) * tileSize);
				const rectangle: Rectangle = [rowFrom, rowUntil, at - tile * tileSize, next - tile * tileSize];
				const others = byTile.get(tile);
				if (others) others.push(rectangle);
				else byTile.set(tile, [rectangle]);
				at = next;
			}
		}
	}
	return byTile;
}

/** The rules of a plan, each once: tiles that are cut alike share theirs. */
class RuleSet {
	readonly list: TileRule[] = [];
	readonly #known = new Map<string, readonly number[]>();

	constructor(readonly base: TileRule) {}

	/** The rules of a tile, one for each number of times that pairs count. `filled`: its filled rows and columns. */
	indicesOf(
		rectangles: readonly Rectangle[],
		filled: readonly [rows: number, columns: number],
		rule: TileRule,
	): readonly number[] {
		const name = `${rule === this.base}|${filled}|${rectangles.join(";")}`;
		let indices = this.#known.get(name);
		if (!indices) {
			indices = tileRules(rectangles, filled, rule).map((each) => this.list.push(each) - 1);
			this.#known.set(name, indices);
		}
		return indices;
	}
}

function tileRules(
	rectangles: readonly Rectangle[],
	[rowsFilled, columnsFilled]: readonly [number, number],
	rule: TileRule,
): TileRule[] {
	const counts = new Uint16Array(tileSize * tileSize);
	for (const [rowFrom, rowUntil, columnFrom, columnUntil] of rectangles)
		for (let row = rowFrom; row < rowUntil; row++)
			for (let column = columnFrom; column < columnUntil; column++) (counts[row * tileSize + column] as number)++;
	const bitmaps = new Map<number, Uint32Array>();
	let visible = 0;
	counts.forEach((count, at) => {
		if (count === 0) return;
		visible++;
		let bitmap = bitmaps.get(count);
		if (!bitmap) bitmaps.set(count, (bitmap = new Uint32Array(2 * tileSize)));
		const column = at % tileSize;
		const word = 2 * Math.floor(at / tileSize) + (column >> 5);
		bitmap[word] = (bitmap[word] as number) | (1 << (column & 31));
	});
	const whole = bitmaps.size === 1 && visible === rowsFilled * columnsFilled;
	return [...bitmaps].map(([count, bitmap]) => ({
		...rule,
		...(!whole && { bitmap }),
		...(count > 1 && { logWeight: Math.log(count) }),
	}));
}
