import { positionOf, ruleShows, showsAll, type TilePlan, type TileRule, tileSize } from "./tile-plan.js";

export interface PlanStatistics {
	/** Tiles of scores visited. */
	readonly tiles: number;
	/** Visible pairs of query and key, before any key mask. */
	readonly activePairs: number;
	/** Visible pairs divided by rows times columns. */
	readonly density: number;
	/** Runs of tiles: what the plan's size grows with. */
	readonly runs: number;
}

/** Calls `visit` with the original positions of every visible pair. Takes time in proportion to the tiles. */
export function forEachPair(plan: TilePlan, visit: (row: number, column: number) => void): void {
	plan.runs.forEach((list, rowTile) => {
		for (const run of list)
			for (let tile = 0; tile < run.tiles; tile++)
				forEachPairOfTile(plan, rowTile, run.firstTile + tile, plan.rules[run.rule] as TileRule, tile, visit);
	});
}

function forEachPairOfTile(
	plan: TilePlan,
	rowTile: number,
	columnTile: number,
	rule: TileRule,
	tileOfRun: number,
	visit: (row: number, column: number) => void,
): void {
	for (let row = 0; row < tileSize; row++) {
		const r = positionOf(plan.rowOrder, plan.rows, rowTile * tileSize + row);
		if (r < 0) continue;
		for (let column = 0; column < tileSize; column++) {
			const c = positionOf(plan.columnOrder, plan.columns, columnTile * tileSize + column);
			if (c >= 0 && ruleShows(rule, row, column, r, c, tileOfRun)) visit(r, c);
		}
	}
}

/** Filled slots of the tiles first..first+tiles-1. */
function filledSlots(order: Int32Array | null, length: number, first: number, tiles: number): number {
	if (!order) return Math.max(0, Math.min(length, (first + tiles) * tileSize) - first * tileSize);
	let filled = 0;
	for (let slot = first * tileSize; slot < (first + tiles) * tileSize; slot++)
		if ((order[slot] as number) >= 0) filled++;
	return filled;
}

/** True if a rule tests nothing but a bitmap. */
function testsBitmapOnly({ bitmap, ...others }: TileRule): boolean {
	return bitmap !== undefined && showsAll(others);
}

/** Which slots of a tile are filled: two words, bit s % 32 of word s / 32 for slot s. */
function filledWords(order: Int32Array | null, length: number, tile: number): [low: number, high: number] {
	const words: [number, number] = [0, 0];
	for (let slot = 0; slot < tileSize; slot++)
		if (positionOf(order, length, tile * tileSize + slot) >= 0)
			words[slot >> 5] = (words[slot >> 5] as number) | (1 << (slot & 31));
	return words;
}

/** Number of bits of a 32-bit word that are set. */
export function countBits(word: number): number {
	let bits = word - ((word >>> 1) & 0x55555555);
	bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
	return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Filled slots of the tile that its bitmap shows. */
function bitmapPairs(
	plan: TilePlan,
	rowTile: number,
	columnTile: number,
	bitmap: Uint32Array,
	tileOfRun: number,
): number {
	const rows = filledWords(plan.rowOrder, plan.rows, rowTile);
	const columns = filledWords(plan.columnOrder, plan.columns, columnTile);
	let pairs = 0;
	for (let row = 0; row < tileSize; row++) {
		if (!(((rows[row >> 5] as number) >>> (row & 31)) & 1)) continue;
		const word = 2 * (tileOfRun * tileSize + row);
		pairs += countBits((bitmap[word] as number) & columns[0]) + countBits((bitmap[word + 1] as number) & columns[1]);
	}
	return pairs;
}

/** Counts what a plan visits. Tiles shown whole or by a bitmap are counted at once, the others pair by pair. */
export function planStatistics(plan: TilePlan): PlanStatistics {
	let tiles = 0;
	let activePairs = 0;
	let runs = 0;
	plan.runs.forEach((list, rowTile) => {
		for (const run of list) {
			const rule = plan.rules[run.rule] as TileRule;
			tiles += run.tiles;
			runs++;
			if (showsAll(rule)) {
				activePairs +=
					filledSlots(plan.rowOrder, plan.rows, rowTile, 1) *
					filledSlots(plan.columnOrder, plan.columns, run.firstTile, run.tiles);
				continue;
			}
			for (let tile = 0; tile < run.tiles; tile++)
				if (rule.bitmap && testsBitmapOnly(rule))
					activePairs += bitmapPairs(plan, rowTile, run.firstTile + tile, rule.bitmap, tile);
				else
					forEachPairOfTile(plan, rowTile, run.firstTile + tile, rule, tile, () => {
						activePairs++;
					});
		}
	});
	return { tiles, activePairs, density: activePairs / (plan.rows * plan.columns), runs };
}
