import { copyVector, scaleAndAdd } from "../math/vectors";

@unmanaged
class GatherArguments {
	table!: usize;
	ids!: usize;
	out!: usize;
	width!: i32;
}

/** Items are the ids. */
export function gather(args: usize, first: i32, last: i32): void {
	const a = changetype<GatherArguments>(args);
	const bytes = (<usize>a.width) << 2;
	for (let i = first; i < last; i++) {
		const id = load<i32>(a.ids + ((<usize>i) << 2));
		copyVector(a.width, a.table + <usize>id * bytes, a.out + <usize>i * bytes);
	}
}

@unmanaged
class ScatterAddArguments {
	ids!: usize;
	dy!: usize;
	dTable!: usize;
	count!: i32;
	rows!: i32;
	width!: i32;
	/** Columns of one item: all of them, unless the table has few rows. */
	tile!: i32;
}

/** Adds up the columns [column, column + columns) of the rows [first, last), each in the order of the ids. */
function scatterColumns(a: ScatterAddArguments, first: i32, last: i32, column: i32, columns: i32): void {
	const bytes = (<usize>a.width) << 2;
	const dTable = a.dTable + ((<usize>column) << 2);
	const dy = a.dy + ((<usize>column) << 2);
	if (columns == a.width) {
		memory.fill(dTable + <usize>first * bytes, 0, <usize>(last - first) * bytes);
	} else {
		for (let row = first; row < last; row++) memory.fill(dTable + <usize>row * bytes, 0, (<usize>columns) << 2);
	}
	const start = i32x4.splat(first);
	const length = i32x4.splat(last - first);
	for (let i = 0; i < a.count; i += 4) {
		const lanes = min(4, a.count - i);
		// Four ids at once: most are not in these rows.
		if (lanes == 4) {
			const ids = v128.load(a.ids + ((<usize>i) << 2));
			if (!v128.any_true(i32x4.lt_u(i32x4.sub(ids, start), length))) continue;
		}
		for (let j = i; j < i + lanes; j++) {
			const id = load<i32>(a.ids + ((<usize>j) << 2));
			if (id >= first && id < last) {
				const row = dTable + <usize>id * bytes;
				scaleAndAdd(columns, 1, dy + <usize>j * bytes, row, row);
			}
		}
	}
}

/**
 * Every row of the table is summed in the order of the ids, whatever range of rows a thread has. Items are rows of the table,
 * or tiles of columns if the table has few rows.
 */
export function scatterAdd(args: usize, first: i32, last: i32): void {
	const a = changetype<ScatterAddArguments>(args);
	if (a.tile == a.width) return scatterColumns(a, first, last, 0, a.width);
	const column = first * a.tile;
	scatterColumns(a, 0, a.rows, column, min(last * a.tile, a.width) - column);
}
