import type { WeightSource } from "../parameters/weight-source.js";

/** Where the rows of a longer table of positions come from. */
export interface PositionRows {
	/** Name of the old table. */
	readonly name: string;
	readonly dim: number;
	/** Rows of the old table that hold positions: from `first` on, as many as `count`. */
	readonly first: number;
	readonly count: number;
	/** Row of the new table that holds the first position. Those before it are the old ones, or 0 where there are none. */
	readonly newFirst: number;
}

/** Elements `begin` to `end` of a table in which the old positions are repeated as often as fits. */
export async function readRepeated(
	source: WeightSource,
	{ name, dim, first, count, newFirst }: PositionRows,
	begin: number,
	end: number,
): Promise<Float32Array> {
	const values = new Float32Array(end - begin);
	for (let at = begin; at < end; ) {
		const row = Math.floor(at / dim);
		const position = row - newFirst;
		// Rows in one piece from here on, and where they begin in the old table; undefined: nowhere.
		const [rows, old] =
			position >= 0
				? [count - (position % count), first + (position % count)]
				: [newFirst - row, newFirst === first ? row : undefined];
		const stop = Math.min(end, (row + rows) * dim);
		if (old !== undefined) {
			const from = old * dim + (at - row * dim);
			values.set(await source.read(name, from, from + stop - at), at - begin);
		}
		at = stop;
	}
	return values;
}
