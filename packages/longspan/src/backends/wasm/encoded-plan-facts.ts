import { type EncodedPlans, planWords } from "../backend.js";

/** What the host has to know of encoded plans. */
export interface PlanFacts {
	/** Largest number of row tiles of a plan. */
	readonly rowTiles: number;
	/** Tiles of scores a head has on average. */
	readonly tilesPerHead: number;
	/** Whether some plan lists the positions of its rows, so that some rows may be in no tile, or in several. */
	readonly listsRows: boolean;
}

/** Reads the headers and runs of all plans. */
export function planFacts({ words }: EncodedPlans): PlanFacts {
	const at = (index: number) => words[index] as number;
	const plans = at(0);
	let rowTiles = 0;
	let listsRows = false;
	const tiles: number[] = [];
	for (let plan = 0; plan < plans; plan++) {
		const header = planWords.header + plan * planWords.plan;
		const planRowTiles = at(header);
		rowTiles = Math.max(rowTiles, planRowTiles);
		if (at(header + 2) !== 0) listsRows = true;
		const runs = at(at(header + 4) + planRowTiles);
		let sum = 0;
		for (let run = 0; run < runs; run++) sum += at(at(header + 5) + run * planWords.run + 1);
		tiles.push(sum);
	}
	const heads = at(1);
	const map = at(2);
	let total = 0;
	for (let head = 0; head < heads; head++) total += tiles[at(map + head)] as number;
	return { rowTiles, tilesPerHead: total / heads, listsRows };
}
