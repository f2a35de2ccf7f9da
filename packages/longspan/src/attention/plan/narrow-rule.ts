import { positionOf, type TileRule, tileSize, tilesFor } from "./tile-plan.js";

/** Smallest and largest position in a tile. */
export interface Reach {
	readonly low: number;
	readonly high: number;
}

/** The reach of every tile of an order. */
export function tileReaches(order: Int32Array | null, length: number): Reach[] {
	return Array.from({ length: order ? order.length / tileSize : tilesFor(length) }, (_, tile) => {
		if (!order) return { low: tile * tileSize, high: Math.min(length, (tile + 1) * tileSize) - 1 };
		let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
		for (let slot = tile * tileSize; slot < (tile + 1) * tileSize; slot++) {
			const position = positionOf(order, length, slot);
			if (position < 0) continue;
			low = Math.min(low, position);
			high = Math.max(high, position);
		}
		return { low, high };
	});
}

const everything: TileRule = {};

/** What is left to test of a rule in a tile: null if it hides every pair, the empty rule if it shows all. */
export function narrowRule(rule: TileRule, rows: Reach, columns: Reach): TileRule | null {
	const [least, most] = [columns.low - rows.high, columns.high - rows.low];
	const { minOffset = Number.NEGATIVE_INFINITY, maxOffset = Number.POSITIVE_INFINITY } = rule;
	if (most < minOffset || least > maxOffset) return null;
	const bounded = least < minOffset || most > maxOffset;
	const self = rule.notSelf && least <= 0 && most >= 0;
	const tested = bounded || self || (rule.modulus ?? 1) > 1 || rule.bitmap || rule.logWeight;
	return tested ? rule : everything;
}
