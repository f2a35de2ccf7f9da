import { bandPlan } from "../plan/builders.js";
import { pattern, patternPlan } from "../plan/pattern.js";
import { type TilePlan, type TileRun, tilesFor } from "../plan/tile-plan.js";
import { unionPlan } from "../plan/union.js";

/** Each token sees the one before it, itself twice (as node and as embedding), and the one after it, in a ring. */
export function ringPlan(length: number): TilePlan {
	const band = bandPlan({ rows: length, columns: length, minOffset: -1, maxOffset: 1 });
	const last = tilesFor(length) - 1;
	const once = (offset: number) => ({ minOffset: offset, maxOffset: offset });
	const [itself, toLast, toFirst] = [0, 1, 2].map((rule) => band.rules.length + rule) as [number, number, number];
	const run = (firstTile: number, rule: number): TileRun => ({ firstTile, tiles: 1, rule });
	return {
		...band,
		rules: [...band.rules, once(0), once(length - 1), once(1 - length)],
		runs: band.runs.map((list, tile) => [
			...list,
			run(tile, itself),
			// In rings of one and two tokens these are pairs of the band again: the token has that neighbour twice.
			...(tile === 0 ? [run(last, toLast)] : []),
			...(tile === last ? [run(0, toFirst)] : []),
		]),
	};
}

/** The star as a graph of `length` tokens and the relay node, which comes last: each pair once, in time proportional to the length. */
export function starPlan(length: number): TilePlan {
	const nodes = length + 1;
	const band = (minOffset: number, maxOffset: number) =>
		bandPlan({ rows: nodes, columns: nodes, minOffset, maxOffset });
	const nobody = { first: 0, last: -1 };
	const toRelay = pattern((_, j) => j === length, { reach: () => ({ first: length, last: length }) });
	const fromRelay = pattern((i) => i === length, {
		reach: (_, i1) => (i1 === length ? { first: 0, last: length } : nobody),
	});
	return unionPlan(
		band(-1, 1),
		band(length - 1, length - 1),
		band(1 - length, 1 - length),
		patternPlan(nodes, nodes, toRelay),
		patternPlan(nodes, nodes, fromRelay),
	);
}
