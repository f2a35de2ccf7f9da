import { multiplyBlock, TILE_COLUMNS } from "./block";
import { finishBlock } from "./finish-block";
import { MatmulArguments } from "./matmul-arguments";
import { MatmulSize } from "./matmul-size";
import { copyRows, packPanels, packTransposed, PANEL_STRIDE } from "./pack";
import { expandElements } from "./packed-elements";
import { PackedFormat } from "./packed-format";
import { panelAddress } from "./packed-matrix";
import { scratch } from "../runtime/scratch";

/**
 * Brings a block into the L2 cache: its lines arrive many at a time here, but a few at a time, with the whole latency of memory,
 * when register tiles end. `sink` gets a word, so that the loads are not optimised away.
 */
function fetchRows(rows: i32, columns: i32, source: usize, sourceStride: usize, sink: usize): void {
	let word = 0;
	const bytes = <usize>columns << 2;
	for (let row = 0; row < rows; row++) {
		for (let at: usize = 0; at < bytes; at += 64) word |= load<i32>(source + at);
		source += sourceStride;
	}
	store<i32>(sink, word);
}

/**
 * One item: `rows` rows from `firstRow` on and `columns` columns from `firstColumn` on of one product, summed over all of k. Goto and
 * van de Geijn, "Anatomy of high-performance matrix multiplication" (2008): a block of b is packed into panels, each of which stays in
 * the L1 cache while it meets a block of a that stays in the L2 cache.
 */
export function multiplyTiles(args: MatmulArguments, batch: i32, firstRow: i32, rows: i32, firstColumn: i32, columns: i32): void {
	const m = <usize>args.m;
	const n = <usize>args.n;
	const k = <usize>args.k;
	const aRowStride: usize = args.transposeA ? <usize>4 : k << 2;
	const aDepthStride: usize = args.transposeA ? m << 2 : <usize>4;
	const bColumnStride: usize = args.transposeB ? k << 2 : <usize>4;
	const bDepthStride: usize = args.transposeB ? <usize>4 : n << 2;
	const a = args.a + <usize>batch * args.aBatchStride + <usize>firstRow * aRowStride;
	const b = args.b + <usize>batch * args.bBatchStride + <usize>firstColumn * bColumnStride;
	const out = args.out + (((<usize>batch * m + <usize>firstRow) * n + <usize>firstColumn) << 2);
	const packed = scratch() + args.packed;
	const copied = scratch() + args.copied;
	let t = 0;
	do {
		const depth = min(args.depthBlock, args.k - t);
		const aBlock = a + <usize>t * aDepthStride;
		let bBlock = b + <usize>t * bDepthStride;
		let panelStride = PANEL_STRIDE;
		if (args.bFormat != PackedFormat.none) {
			bBlock = panelAddress(args.bFormat, args.b, args.padded, t, depth, firstColumn);
			panelStride = <usize>depth * PANEL_STRIDE;
			if (args.bFormat != PackedFormat.float32) {
				expandElements(args.bFormat, ((columns + TILE_COLUMNS - 1) & -TILE_COLUMNS) * depth, bBlock, packed);
				bBlock = packed;
			}
		} else if (args.packB) {
			if (args.transposeB) packTransposed(depth, columns, bBlock, bColumnStride, packed);
			else packPanels(depth, columns, bBlock, bDepthStride, packed);
			bBlock = packed;
			panelStride = <usize>depth * PANEL_STRIDE;
		}
		const bStride = args.packB || args.bFormat != PackedFormat.none ? PANEL_STRIDE : bDepthStride;
		for (let row = 0; row < rows; row += MatmulSize.rows) {
			const height = min(<i32>MatmulSize.rows, rows - row);
			let x = aBlock + <usize>row * aRowStride;
			let xRowStride = aRowStride;
			let xDepthStride = aDepthStride;
			if (args.copyA) {
				const source = x;
				x = copied;
				if (args.transposeA) {
					xDepthStride = MatmulSize.rows * 4;
					copyRows(depth, height, source, aDepthStride, x, xDepthStride);
				} else {
					xRowStride = <usize>(depth + MatmulSize.padding) << 2;
					copyRows(height, depth, source, aRowStride, x, xRowStride);
				}
			}
			let y = bBlock;
			let z = out + ((<usize>row * n) << 2);
			if (t > 0) fetchRows(height, columns, z, n << 2, scratch() + args.sums);
			for (let column = 0; column < columns; column += TILE_COLUMNS) {
				const width = min(TILE_COLUMNS, columns - column);
				multiplyBlock(height, width, depth, x, xRowStride, xDepthStride, y, bStride, z, n << 2, t > 0);
				y += panelStride;
				z += PANEL_STRIDE;
			}
			if (t + depth == args.k) finishBlock(args, out + ((<usize>row * n) << 2), height, firstColumn, columns);
		}
		t += depth;
	} while (t < args.k);
}
