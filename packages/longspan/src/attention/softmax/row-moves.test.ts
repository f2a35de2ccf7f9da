import { describe, expect, it } from "vitest";
import { rowMoves } from "./row-moves.js";

/** What the moves make of rows 0, 1, … */
function moved(rows: readonly number[]): number[] {
	const values = [...rows.keys()];
	let spare = -1;
	for (const { from, to } of rowMoves(rows)) {
		const value = from === "spare" ? spare : (values[from] as number);
		if (to === "spare") spare = value;
		else values[to] = value;
	}
	return values;
}

describe("rowMoves", () => {
	it("gives every choice of up to five rows, with no more copies than rows that change and circles", () => {
		for (let count = 1; count <= 5; count++)
			for (let code = 0; code < count ** count; code++) {
				const rows = Array.from({ length: count }, (_, at) => Math.floor(code / count ** at) % count);
				expect(moved(rows)).toEqual(rows);
				const changed = rows.filter((from, to) => from !== to).length;
				const permutes = new Set(rows).size === count;
				expect(rowMoves(rows).length).toBeLessThanOrEqual(changed + Math.floor(changed / 2));
				if (!permutes && changed === 1) expect(rowMoves(rows)).toHaveLength(1);
			}
	});

	it("leaves rows alone that stay, and needs no spare row without a circle", () => {
		expect(rowMoves([0, 1, 2])).toEqual([]);
		expect(rowMoves([0, 0, 1])).toEqual([
			{ from: 1, to: 2 },
			{ from: 0, to: 1 },
		]);
	});
});
