/** A row to be copied over another; `spare` stands for a row beside them. */
export interface RowMove {
	readonly from: number | "spare";
	readonly to: number | "spare";
}

/**
 * Copies, in order, that turn rows 0, 1, … into `rows` in place: row i becomes what row `rows[i]` was. Rows that stay are not touched;
 * only rows that change places in a circle need a spare one.
 *
 * @param rows as many as there are, each from 0 to their number - 1
 */
export function rowMoves(rows: readonly number[]): RowMove[] {
	const moves: RowMove[] = [];
	/** How many rows are still to be made from this one. */
	const readers = new Array<number>(rows.length).fill(0);
	for (const [to, from] of rows.entries()) if (from !== to) readers[from] = (readers[from] as number) + 1;
	const done = rows.map((from, to) => from === to);
	/** Overwrites rows that nobody needs, which may free the rows they come from. */
	const settle = (start: number): void => {
		for (let to = start; !done[to] && readers[to] === 0; ) {
			const from = rows[to] as number;
			moves.push({ from, to });
			done[to] = true;
			readers[from] = (readers[from] as number) - 1;
			to = from;
		}
	};
	for (const to of rows.keys()) settle(to);
	for (const first of rows.keys()) {
		if (done[first]) continue;
		// What is left are circles.
		moves.push({ from: first, to: "spare" });
		let to = first;
		for (let from = rows[to] as number; from !== first; from = rows[to] as number) {
			moves.push({ from, to });
			done[to] = true;
			to = from;
		}
		moves.push({ from: "spare", to });
		done[to] = true;
	}
	return moves;
}
