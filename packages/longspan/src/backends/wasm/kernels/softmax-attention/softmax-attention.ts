// Exact attention without a matrix of scores: FlashAttention (Dao et al. 2022) with online softmax, over the tiles of a plan. A block of
// scores is kept transposed, [keys][16 queries]: queries are the lanes of the vectors, so that no operation works across lanes, and keys
// and values are read where they lie.
import { multiplyBlock } from "../matrix/block";
import { LN2, LOG2_E } from "../math/exp2";
import { addValues, scoreKeys } from "./one-query";
import { NOTHING_SEEN, weighStrip } from "./online-softmax";
import { scratch } from "../runtime/scratch";
import { log4 } from "../math/exponential";
import { choose } from "../math/simd";
import { listAt, Plan, planOf, STRIP, STRIP_STRIDE, stripBytes } from "./tile-plan";
import { gatherRows, loadStrips, storeStrips } from "./tile-rows";
import { lanesOf, loadSlots, TileSlots } from "./tile-slots";
import { createWalk, hideBlock, nextBlock, startWalk, TileWalk } from "./tile-walk";

@unmanaged
class SoftmaxAttentionArguments {
	q: usize;
	k: usize;
	v: usize;
	keyMask: usize;
	plans: usize;
	out: usize;
	logSumExp: usize;
	/** Two int64 to add to: tiles visited, pairs of slots computed. */
	counters: usize;
	heads: i32;
	queryLength: i32;
	keyLength: i32;
	headDim: i32;
	valueDim: i32;
	/** Largest number of row tiles of a plan; there are batch * heads * rowTiles items. */
	rowTiles: i32;
	scale: f32;
	/** Offsets in scratch. State of the walk and its parts. */
	walk: usize;
	visible: usize;
	rows: usize;
	columns: usize;
	/** Running reference and sum of every query, [64]. */
	maximum: usize;
	sum: usize;
	/** Scaled queries in strips of [headDim][16], a strip of scores [64 keys][16], output in strips of [valueDim][16]. */
	queries: usize;
	scores: usize;
	output: usize;
	/** Room for gathered keys [64][headDim] and values [64][valueDim]. */
	keyCopy: usize;
	valueCopy: usize;
}

/** Items are row tiles, those of a head one after the other. */
export function softmaxAttention(args: usize, first: i32, last: i32): void {
	const a = changetype<SoftmaxAttentionArguments>(args);
	const walk = createWalk(scratch() + a.walk, scratch() + a.visible, scratch() + a.rows, scratch() + a.columns);
	for (let item = first; item < last; item++) attendRowTile(a, walk, item / a.rowTiles, item % a.rowTiles);
	atomic.add<i64>(a.counters, walk.tiles);
	atomic.add<i64>(a.counters + 8, walk.pairs);
}

function attendRowTile(a: SoftmaxAttentionArguments, walk: TileWalk, entry: i32, rowTile: i32): void {
	const plan = planOf(a.plans, entry);
	if (rowTile >= plan.rowTiles) return;
	const rows = walk.rows;
	loadSlots(rows, listAt(a.plans, plan.rows), rowTile, a.queryLength, 0);
	if (rows.count == 0) return;
	const headDim = a.headDim;
	const valueDim = a.valueDim;
	const base = scratch();
	const lanes = lanesOf(rows.count);
	const q = a.q + <usize>entry * <usize>a.queryLength * <usize>headDim * 4;
	// Scores are in base 2, which saves a multiplication in every exponential.
	loadStrips(rows, q, headDim, <f32>(<f64>a.scale * LOG2_E), base + a.queries, base + a.keyCopy);
	memory.fill(base + a.output, 0, 4 * stripBytes(valueDim));
	for (let at: usize = 0; at < (<usize>lanes) << 2; at += 16) {
		v128.store(base + a.maximum + at, f32x4.splat(NOTHING_SEEN));
		v128.store(base + a.sum + at, f32x4.splat(0));
	}
	attendTiles(a, walk, plan, entry, rowTile);
	finishRowTile(a, walk.rows, entry);
}

function attendTiles(a: SoftmaxAttentionArguments, walk: TileWalk, plan: Plan, entry: i32, rowTile: i32): void {
	const base = scratch();
	const headBytes = (<usize>a.headDim) << 2;
	const valueBytes = (<usize>a.valueDim) << 2;
	const k = a.k + <usize>entry * <usize>a.keyLength * headBytes;
	const v = a.v + <usize>entry * <usize>a.keyLength * valueBytes;
	walk.plans = a.plans;
	walk.plan = plan;
	walk.columnList = listAt(a.plans, plan.columns);
	walk.columnLength = a.keyLength;
	walk.columnMask = a.keyMask != 0 ? a.keyMask + ((<usize>(entry / a.heads) * <usize>a.keyLength) << 2) : 0;
	const keysEnd = k + <usize>a.keyLength * headBytes;
	const single = walk.rows.count == 1;
	/** Whether a block of keys is as long as one of values. */
	const alike = a.headDim == a.valueDim;
	let keys: usize = 0;
	let values: usize = 0;
	startWalk(walk, rowTile);
	while (nextBlock(walk)) {
		if (walk.isFresh) {
			keys = gatherRows(walk.columns, k, a.headDim, base + a.keyCopy);
			values = gatherRows(walk.columns, v, a.valueDim, base + a.valueCopy);
		}
		const first = <usize>walk.visible.first;
		const columns = walk.visible.last - walk.visible.first;
		const offset = (<usize>walk.lane) << 2;
		const strip = <usize>(walk.lane / STRIP);
		const scores = base + a.scores;
		const output = base + a.output + strip * stripBytes(a.valueDim);
		const blockKeys = keys + first * headBytes;
		const blockValues = values + first * valueBytes;
		const queries = base + a.queries + strip * stripBytes(a.headDim);
		if (single) scoreKeys(columns, a.headDim, blockKeys, queries, scores, alike ? blockValues : blockKeys);
		else multiplyBlock(columns, walk.lanes, a.headDim, blockKeys, headBytes, 4, queries, STRIP_STRIDE, scores, STRIP_STRIDE, false);
		hideBlock(walk, scores);
		weighStrip(
			columns,
			walk.lanes,
			scores,
			<f32>(<f64>walk.rule.logWeight * LOG2_E),
			base + a.maximum + offset,
			base + a.sum + offset,
			output,
			a.valueDim,
		);
		if (single) {
			const following = blockKeys + <usize>columns * headBytes;
			const isThere = alike && following + <usize>columns * headBytes <= keysEnd;
			addValues(columns, a.valueDim, blockValues, scores, output, isThere ? following : blockValues);
		} else multiplyBlock(a.valueDim, walk.lanes, columns, blockValues, 4, valueBytes, scores, STRIP_STRIDE, output, STRIP_STRIDE, true);
	}
}

/** Divides by the sums and writes the rows. A query that saw nothing has sum 0: output 0, logarithm -Infinity. */
function finishRowTile(a: SoftmaxAttentionArguments, rows: TileSlots, entry: i32): void {
	const base = scratch();
	const lanes = lanesOf(rows.count);
	for (let lane = 0; lane < lanes; lane += 4) {
		const offset = (<usize>lane) << 2;
		const sum = v128.load(base + a.sum + offset);
		const maximum = v128.load(base + a.maximum + offset);
		const isEmpty = f32x4.eq(sum, f32x4.splat(0));
		const inverse = v128.andnot(f32x4.div(f32x4.splat(1), sum), isEmpty);
		let output = base + a.output + <usize>(lane / STRIP) * stripBytes(a.valueDim) + <usize>(lane % STRIP) * 4;
		for (let t = 0; t < a.valueDim; t++) {
			v128.store(output, f32x4.mul(v128.load(output), inverse));
			output += STRIP_STRIDE;
		}
		const logSumExp = f32x4.add(f32x4.mul(maximum, f32x4.splat(LN2)), log4(sum));
		v128.store(base + a.sum + offset, choose(isEmpty, f32x4.splat(-Infinity), logSumExp));
	}
	const firstRow = <usize>entry * <usize>a.queryLength;
	storeStrips(rows, base + a.output, a.valueDim, a.out + firstRow * (<usize>a.valueDim << 2), base + a.valueCopy);
	for (let i = 0; i < rows.count; i++) {
		const row = (firstRow + <usize>rows.position(i)) << 2;
		store<f32>(a.logSumExp + row, load<f32>(base + a.sum + ((<usize>i) << 2)));
	}
}
