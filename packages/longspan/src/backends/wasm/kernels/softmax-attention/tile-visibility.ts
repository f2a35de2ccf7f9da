import { choose } from "../math/simd";
import { Rule, STRIP_STRIDE } from "./tile-plan";
import { TileSlots } from "./tile-slots";

/** The columns [first, last) that lanes [lane, lane + lanes) of a tile need, and whether the rule hides some of these pairs. */
@unmanaged
export class VisibleColumns {
	first: i32;
	last: i32;
	/** 1 if pairs have to be hidden. */
	partial: i32;
}

// @ts-ignore: decorator
@inline
function isBounded(rule: Rule): bool {
	return rule.minOffset != i32.MIN_VALUE || rule.maxOffset != i32.MAX_VALUE;
}

/** Leaves out the columns at both ends that no lane sees. Exact for bounds; other tests count as partly visible. */
export function findVisible(
	target: VisibleColumns,
	rule: Rule,
	rows: TileSlots,
	lane: i32,
	lanes: i32,
	columns: TileSlots,
): void {
	let first = 0;
	let last = columns.count;
	let partial = false;
	if (!rule.isFull) {
		if (isBounded(rule)) {
			let low = i32.MAX_VALUE;
			let high = i32.MIN_VALUE;
			for (let i = lane; i < lane + lanes; i++) {
				const position = rows.position(i);
				low = min(low, position);
				high = max(high, position);
			}
			// In 64 bits, since bounds reach to the ends of the 32-bit range.
			const from = <i64>low + <i64>rule.minOffset;
			const to = <i64>high + <i64>rule.maxOffset;
			while (first < last && outside(columns.position(first), from, to)) first++;
			while (last > first && outside(columns.position(last - 1), from, to)) last--;
			const fromAll = <i64>high + <i64>rule.minOffset;
			const toAll = <i64>low + <i64>rule.maxOffset;
			for (let i = first; i < last && !partial; i++) partial = outside(columns.position(i), fromAll, toAll);
		}
		if (rule.modulus > 1 || rule.bitmap != 0 || rule.hidesSelf) partial = true;
	}
	target.first = first;
	target.last = last;
	target.partial = i32(partial);
}

// @ts-ignore: decorator
@inline
function outside(position: i32, from: i64, to: i64): bool {
	return <i64>position < from || <i64>position > to;
}

/** Sets the scores [columns first .. last) x lanes that the rule hides to -Infinity. `bitmap` is that of the tile or 0. */
export function hidePairs(
	rule: Rule,
	bitmap: usize,
	rows: TileSlots,
	lane: i32,
	lanes: i32,
	columns: TileSlots,
	first: i32,
	last: i32,
	scores: usize,
): void {
	if (isBounded(rule)) hideOutside(rule, rows, lane, lanes, columns, first, last, scores);
	if (rule.modulus > 1) hideResidues(rule.modulus, rows, lane, lanes, columns, first, last, scores);
	if (rule.hidesSelf) hideSelf(rows, lane, lanes, columns, first, last, scores);
	if (bitmap != 0) hideUnset(bitmap, rows, lane, lanes, columns, first, last, scores);
}

// @ts-ignore: decorator
@inline
function clampToI32(value: i64): i32 {
	return <i32>max(<i64>i32.MIN_VALUE, min(<i64>i32.MAX_VALUE, value));
}

// @ts-ignore: decorator
@inline
function keepWhere(visible: v128, score: usize): void {
	v128.store(score, choose(visible, v128.load(score), f32x4.splat(-Infinity)));
}

function hideOutside(
	rule: Rule,
	rows: TileSlots,
	lane: i32,
	lanes: i32,
	columns: TileSlots,
	first: i32,
	last: i32,
	scores: usize,
): void {
	const positions = rows.positions + ((<usize>lane) << 2);
	const bytes = (<usize>lanes) << 2;
	for (let i = first; i < last; i++) {
		const column = <i64>columns.position(i);
		const low = i32x4.splat(clampToI32(column - <i64>rule.maxOffset));
		const high = i32x4.splat(clampToI32(column - <i64>rule.minOffset));
		for (let at: usize = 0; at < bytes; at += 16) {
			const row = v128.load(positions + at);
			keepWhere(v128.and(i32x4.ge_s(row, low), i32x4.le_s(row, high)), scores + at);
		}
		scores += STRIP_STRIDE;
	}
}

function hideResidues(
	modulus: i32,
	rows: TileSlots,
	lane: i32,
	lanes: i32,
	columns: TileSlots,
	first: i32,
	last: i32,
	scores: usize,
): void {
	// One group of four lanes after the other, so that the remainders of the rows need no memory.
	for (let group = 0; group < lanes; group += 4) {
		const a = rows.position(lane + group) % modulus;
		const b = rows.position(lane + group + 1) % modulus;
		const c = rows.position(lane + group + 2) % modulus;
		const d = rows.position(lane + group + 3) % modulus;
		const residues = i32x4.replace_lane(
			i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(a), 1, b), 2, c),
			3,
			d,
		);
		let score = scores + ((<usize>group) << 2);
		for (let i = first; i < last; i++) {
			keepWhere(i32x4.eq(residues, i32x4.splat(columns.position(i) % modulus)), score);
			score += STRIP_STRIDE;
		}
	}
}

function hideSelf(
	rows: TileSlots,
	lane: i32,
	lanes: i32,
	columns: TileSlots,
	first: i32,
	last: i32,
	scores: usize,
): void {
	const positions = rows.positions + ((<usize>lane) << 2);
	const bytes = (<usize>lanes) << 2;
	for (let i = first; i < last; i++) {
		const column = i32x4.splat(columns.position(i));
		for (let at: usize = 0; at < bytes; at += 16) {
			keepWhere(i32x4.ne(v128.load(positions + at), column), scores + at);
		}
		scores += STRIP_STRIDE;
	}
}

/** Two words a row: bit c % 32 of word c / 32 shows column slot c. */
function hideUnset(
	bitmap: usize,
	rows: TileSlots,
	lane: i32,
	lanes: i32,
	columns: TileSlots,
	first: i32,
	last: i32,
	scores: usize,
): void {
	for (let group = 0; group < lanes; group += 4) {
		const a = load<u64>(bitmap + ((<usize>rows.slot(lane + group)) << 3));
		const b = load<u64>(bitmap + ((<usize>rows.slot(lane + group + 1)) << 3));
		const c = load<u64>(bitmap + ((<usize>rows.slot(lane + group + 2)) << 3));
		const d = load<u64>(bitmap + ((<usize>rows.slot(lane + group + 3)) << 3));
		const lowPairs = i64x2.replace_lane(i64x2.splat(a), 1, b);
		const highPairs = i64x2.replace_lane(i64x2.splat(c), 1, d);
		const early = v128.shuffle<i32>(lowPairs, highPairs, 0, 2, 4, 6);
		const late = v128.shuffle<i32>(lowPairs, highPairs, 1, 3, 5, 7);
		let score = scores + ((<usize>group) << 2);
		for (let i = first; i < last; i++) {
			const slot = columns.slot(i);
			const bit = i32x4.splat(1 << (slot & 31));
			const words = slot < 32 ? early : late;
			keepWhere(i32x4.ne(v128.and(words, bit), i32x4.splat(0)), score);
			score += STRIP_STRIDE;
		}
	}
}
