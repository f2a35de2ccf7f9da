import { MatmulArguments } from "./matmul-arguments";
import { multiplyDots } from "./matmul-dots";
import { multiplyFewRows } from "./matmul-few-rows";
import { MatmulMethod } from "./matmul-method";
import { multiplyRow } from "./matmul-row";
import { multiplyTiles } from "./matmul-tiles";

/** Batched matrix product; items are blocks of the output, see `MatmulArguments`. */
export function matmul(address: usize, first: i32, last: i32): void {
	const args = changetype<MatmulArguments>(address);
	for (let item = first; item < last; item++) {
		const block = item / args.columnBlocks;
		const firstColumn = (item - block * args.columnBlocks) * args.columnBlock;
		const batch = block / args.rowBlocks;
		const firstRow = (block - batch * args.rowBlocks) * args.rowBlock;
		const rows = min(args.rowBlock, args.m - firstRow);
		const columns = min(args.columnBlock, args.n - firstColumn);
		if (args.method == MatmulMethod.row) multiplyRow(args, batch, firstColumn, columns);
		else if (args.method == MatmulMethod.dots) multiplyDots(args, batch, firstRow, rows, firstColumn, columns);
		else if (args.method == MatmulMethod.fewRows) multiplyFewRows(args, firstColumn, columns);
		else multiplyTiles(args, batch, firstRow, rows, firstColumn, columns);
	}
}
