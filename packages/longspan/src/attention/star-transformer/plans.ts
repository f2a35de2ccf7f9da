import { bandPlan } from "../plan/builders.js";
import { type Pattern, pattern } from "../plan/pattern.js";
import { type TilePlan, type TileRun, tilesFor } from "../plan/tile-plan.js";

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

/** The star as a graph of `length` tokens and the relay node, which comes last. */
export function starPattern(length: number): Pattern {
	const near = (distance: number) => distance <= 1 || distance === length - 1;
	return pattern((i, j) => i === length || j === length || near(Math.abs(i - j)), {
		box(i0, i1, j0, j1) {
			if (i1 === length || j1 === length) return "some";
			const [closest, farthest] = [Math.max(0, j0 - i1, i0 - j1), Math.max(j1 - i0, i1 - j0)];
			return closest <= 1 || farthest === length - 1 ? "some" : "none";
		},
	});
}
