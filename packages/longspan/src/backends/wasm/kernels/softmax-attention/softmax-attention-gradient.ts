// Gradient of softmax attention, FlashAttention's backward pass over the transposed plan: an item owns the rows of keys it writes, and
// its own dq, so that nothing is locked. Scores are found again from logSumExp, in blocks [queries][16 keys] with keys as lanes.
import { multiplyBlock } from "../matrix/block";
import { LOG2_E } from "../math/exp2";
import { scratch } from "../runtime/scratch";
import { dkOf, dqOf, dvOf, SoftmaxGradientArguments } from "./softmax-gradient-arguments";
import { SoftmaxGradientPhase } from "./softmax-gradient-phase";
import { addPartialRows, prepareRows } from "./softmax-gradient-rows";
import { softmaxGradientStrip } from "./softmax-gradient-strip";
import { listAt, planOf, STRIP, STRIP_STRIDE, stripBytes, tilesOf } from "./tile-plan";
import { addStrips, addToRows, gatherRows, loadStrips } from "./tile-rows";
import { loadSlots, TILE_SLOTS_BYTES, TileSlots } from "./tile-slots";
import { createWalk, hideBlock, nextBlock, startWalk, TileWalk } from "./tile-walk";

export function softmaxAttentionGradient(args: usize, first: i32, last: i32): void {
	const a = changetype<SoftmaxGradientArguments>(args);
	if (a.phase == SoftmaxGradientPhase.prepare) {
		for (let item = first; item < last; item++) prepareRows(a, item);
	} else if (a.phase == SoftmaxGradientPhase.tiles) {
		const walk = createWalk(scratch() + a.walk, scratch() + a.visible, scratch() + a.rows, scratch() + a.columns);
		for (let item = first; item < last; item++) doShare(a, walk, item / a.shares, item % a.shares);
		atomic.add<i64>(a.counters, walk.tiles);
		atomic.add<i64>(a.counters + 8, walk.pairs);
	} else {
		for (let item = first; item < last; item++) addPartialRows(a, item);
	}
}

/** The row tiles of a head are shared out so that every share has about as many tiles of scores. */
function doShare(a: SoftmaxGradientArguments, walk: TileWalk, entry: i32, share: i32): void {
	const plan = planOf(a.plans, entry);
	walk.plans = a.plans;
	walk.plan = plan;
	walk.columnList = listAt(a.plans, plan.columns);
	walk.columnLength = a.queryLength;
	walk.columnMask = 0;
	let total: i64 = 0;
	for (let tile = 0; tile < plan.rowTiles; tile++) total += <i64>tilesOf(a.plans, plan, tile);
	const from = (total * <i64>share) / <i64>a.shares;
	const to = (total * <i64>(share + 1)) / <i64>a.shares;
	let before: i64 = 0;
	for (let tile = 0; tile < plan.rowTiles; tile++) {
		if (before >= from && before < to) doKeys(a, walk, entry, share, tile);
		before += <i64>tilesOf(a.plans, plan, tile);
	}
}

/** All that one tile of keys contributes. */
function doKeys(a: SoftmaxGradientArguments, walk: TileWalk, entry: i32, share: i32, rowTile: i32): void {
	const rows = walk.rows;
	const mask = a.keyMask != 0 ? a.keyMask + ((<usize>(entry / a.heads) * <usize>a.keyLength) << 2) : 0;
	loadSlots(rows, listAt(a.plans, walk.plan.rows), rowTile, a.keyLength, mask);
	if (rows.count == 0) return;
	const base = scratch();
	const firstKey = <usize>entry * <usize>a.keyLength;
	const k = a.k + ((firstKey * <usize>a.headDim) << 2);
	const v = a.v + ((firstKey * <usize>a.valueDim) << 2);
	loadStrips(rows, k, a.headDim, <f32>(<f64>a.scale * LOG2_E), base + a.keys, base + a.keyCopy);
	loadStrips(rows, v, a.valueDim, 1, base + a.values, base + a.valueCopy);
	memory.fill(base + a.keyGradient, 0, 4 * stripBytes(a.headDim));
	memory.fill(base + a.valueGradient, 0, 4 * stripBytes(a.valueDim));
	doTiles(a, walk, entry, share, rowTile, gatherRows(rows, k, a.headDim, base + a.keyCopy));
	addStrips(rows, base + a.keyGradient, a.headDim, dkOf(a, share) + ((firstKey * <usize>a.headDim) << 2), base + a.keyCopy);
	addStrips(rows, base + a.valueGradient, a.valueDim, dvOf(a, share) + ((firstKey * <usize>a.valueDim) << 2), base + a.valueCopy);
}

function doTiles(
	a: SoftmaxGradientArguments,
	walk: TileWalk,
	entry: i32,
	share: i32,
	rowTile: i32,
	keyRows: usize,
): void {
	const base = scratch();
	const pending = changetype<TileSlots>(base + a.pending);
	const headBytes = (<usize>a.headDim) << 2;
	const valueBytes = (<usize>a.valueDim) << 2;
	const firstQuery = <usize>entry * <usize>a.queryLength;
	const dq = dqOf(a, share) + firstQuery * headBytes;
	let queries: usize = 0;
	let dOut: usize = 0;
	let queryGradient: usize = 0;
	pending.count = 0;
	startWalk(walk, rowTile);
	while (nextBlock(walk)) {
		if (walk.isFresh) {
			const columns = walk.columns;
			queries = gatherRows(columns, a.q + firstQuery * headBytes, a.headDim, base + a.queryCopy);
			dOut = gatherRows(columns, a.dOut + firstQuery * valueBytes, a.valueDim, base + a.outCopy);
			loadStatistics(a, columns, firstQuery);
			addToRows(pending, base + a.queryGradient, a.headDim, dq);
			if (columns.adjacent) {
				queryGradient = dq + <usize>columns.low * headBytes;
				pending.count = 0;
			} else {
				queryGradient = base + a.queryGradient;
				memory.fill(queryGradient, 0, <usize>columns.count * headBytes);
				memory.copy(changetype<usize>(pending), changetype<usize>(columns), TILE_SLOTS_BYTES);
			}
		}
		const first = <usize>walk.visible.first;
		doBlock(a, walk, queries + first * headBytes, dOut + first * valueBytes, keyRows, queryGradient + first * headBytes);
	}
	addToRows(pending, base + a.queryGradient, a.headDim, dq);
}

/** logSumExp in base 2 and delta of the queries of a tile. A query that saw nothing gets weights 0. */
function loadStatistics(a: SoftmaxGradientArguments, columns: TileSlots, firstQuery: usize): void {
	const base = scratch();
	for (let i = 0; i < columns.count; i++) {
		const row = (firstQuery + <usize>columns.position(i)) << 2;
		const logSumExp = load<f32>(a.logSumExp + row);
		const at = (<usize>i) << 2;
		store<f32>(base + a.shift + at, logSumExp == -Infinity ? Infinity : <f32>(<f64>logSumExp * LOG2_E));
		store<f32>(base + a.deltas + at, load<f32>(a.delta + row));
	}
}

/** The five matrix products of a block; `queries`, `dOut` and `queryGradient` are at its first query. */
function doBlock(
	a: SoftmaxGradientArguments,
	walk: TileWalk,
	queries: usize,
	dOut: usize,
	keyRows: usize,
	queryGradient: usize,
): void {
	const base = scratch();
	const headDim = a.headDim;
	const valueDim = a.valueDim;
	const headBytes = (<usize>headDim) << 2;
	const valueBytes = (<usize>valueDim) << 2;
	const first = (<usize>walk.visible.first) << 2;
	const columns = walk.visible.last - walk.visible.first;
	const lanes = walk.lanes;
	const strip = <usize>(walk.lane / STRIP);
	const weights = base + a.weights;
	const scoreGradient = base + a.scoreGradient;
	const keys = base + a.keys + strip * stripBytes(headDim);
	const values = base + a.values + strip * stripBytes(valueDim);
	const dk = base + a.keyGradient + strip * stripBytes(headDim);
	const dv = base + a.valueGradient + strip * stripBytes(valueDim);
	multiplyBlock(columns, lanes, headDim, queries, headBytes, 4, keys, STRIP_STRIDE, weights, STRIP_STRIDE, false);
	hideBlock(walk, weights);
	multiplyBlock(columns, lanes, valueDim, dOut, valueBytes, 4, values, STRIP_STRIDE, scoreGradient, STRIP_STRIDE, false);
	softmaxGradientStrip(
		columns,
		lanes,
		weights,
		scoreGradient,
		base + a.shift + first,
		base + a.deltas + first,
		<f32>(<f64>walk.rule.logWeight * LOG2_E),
		a.scale,
	);
	multiplyBlock(valueDim, lanes, columns, dOut, 4, valueBytes, weights, STRIP_STRIDE, dv, STRIP_STRIDE, true);
	multiplyBlock(headDim, lanes, columns, queries, 4, headBytes, scoreGradient, STRIP_STRIDE, dk, STRIP_STRIDE, true);
	// The lanes that only fill up a vector belong to no key.
	const keyCount = min(lanes, walk.rows.count - walk.lane);
	const rows = keyRows + <usize>walk.lane * headBytes;
	multiplyBlock(columns, headDim, keyCount, scoreGradient, STRIP_STRIDE, 4, rows, headBytes, queryGradient, headBytes, true);
}
