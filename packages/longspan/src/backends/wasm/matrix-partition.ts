import { MatmulSize } from "./kernels/matrix/matmul-size.js";

/** Items wanted for each thread, so that one that is late does not hold up the others. */
const itemsPerThread = 4;
/** Multiplications of the smallest item worth cutting. */
const smallestCut = 500_000;
/** Blocks of rows and columns are multiples of these where there are enough, as the register tiles of all builds like. */
const rowUnit = 60;
const columnUnit = MatmulSize.panel;

/** Most columns of an item with one row: rows of b are read this far at a time. */
const longestRow = 1024;

/** The rows and columns of one item of a matrix product. */
export interface Partition {
	readonly rowBlock: number;
	readonly columnBlock: number;
}

/** The fewest parts, at least one, that are no longer than `longest`. */
export function partsOf(length: number, longest: number): number {
	return Math.max(1, Math.ceil(length / longest));
}

/** Terms of a sum that are added in registers. Depends on their number only, for so does the rounding of the result. */
export function depthBlockOf(k: number): number {
	return Math.ceil(k / partsOf(k, MatmulSize.depth));
}

/** The length of `parts` equal parts, a multiple of `unit` if there are several. */
function partLength(length: number, parts: number, unit: number): number {
	return parts === 1 ? length : Math.min(length, Math.ceil(length / parts / unit) * unit);
}

/** How products of [m, k] and [k, n] matrices are cut into items. Has no influence on the result. */
export function choosePartition(batch: number, m: number, n: number, k: number, threads: number): Partition {
	let rowBlock = m;
	const longest = m === 1 ? longestRow : MatmulSize.columns;
	let columnBlock = partLength(n, partsOf(n, longest), columnUnit);
	const wanted = threads === 1 ? 1 : threads * itemsPerThread;
	while (
		batch * Math.ceil(m / rowBlock) * Math.ceil(n / columnBlock) < wanted &&
		rowBlock * columnBlock * k >= smallestCut
	) {
		if (rowBlock >= columnBlock && rowBlock > rowUnit) rowBlock = partLength(rowBlock, 2, rowUnit);
		else if (columnBlock > columnUnit) columnBlock = partLength(columnBlock, 2, columnUnit);
		else break;
	}
	return { rowBlock, columnBlock };
}
