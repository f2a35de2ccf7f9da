import { positionOf, type TilePlan, type TileRun, tileSize } from "./tile-plan.js";

/** The same plan for the queries from position `from` on; the others see nothing and cost nothing. */
export function lastRows(plan: TilePlan, from: number): TilePlan {
	if (from === 0) return plan;
	const tiles: { slots: Int32Array; runs: readonly TileRun[] }[] = [];
	plan.runs.forEach((runs, tile) => {
		const slots = Int32Array.from({ length: tileSize }, (_, slot) => {
			const row = positionOf(plan.rowOrder, plan.rows, tile * tileSize + slot);
			return row >= from ? row : -1;
		});
		if (slots.some((row) => row >= 0)) tiles.push({ slots, runs });
	});
	const rowOrder = new Int32Array(tiles.length * tileSize);
	tiles.forEach(({ slots }, tile) => {
		rowOrder.set(slots, tile * tileSize);
	});
	return { ...plan, rowOrder, runs: tiles.map(({ runs }) => runs) };
}
