import { bandRuns, type Span, span } from "./builders.js";
import { slotsOf } from "./gather.js";
import { type TilePlan, type TileRule, type TileRun, tileSize, tilesFor } from "./tile-plan.js";

export interface StridedOptions {
	readonly length: number;
	/** Distance between the keys of a query. */
	readonly stride: number;
	/** Smallest t that is visible. Default: no bound. */
	readonly minStep?: number | undefined;
	/** Largest t that is visible. Default: no bound. */
	readonly maxStep?: number | undefined;
	/** Leaves out t = 0. Default: false. */
	readonly notSelf?: boolean;
}

/** Rules of a strided plan: every pair, a test of bounds and remainders, and one of bounds alone, enough within one class. */
const [everyPair, anyClass, sameClass] = [0, 1, 2];

/**
 * Query r sees the keys r + t * stride for minStep <= t <= maxStep. Positions are put in the order of their remainder by `stride`,
 * where the keys of a query are neighbours, so that as few tiles are visited as in a band without a stride.
 */
export function stridedPlan({ length, stride, minStep, maxStep, notSelf = false }: StridedOptions): TilePlan {
	const low = minStep ?? Number.NEGATIVE_INFINITY;
	const high = maxStep ?? Number.POSITIVE_INFINITY;
	const bounds: TileRule = {
		...(minStep !== undefined && { minOffset: minStep * stride }),
		...(maxStep !== undefined && { maxOffset: maxStep * stride }),
		...(notSelf && { notSelf }),
	};
	const { order, starts, ends } = residueOrder(length, stride);
	const slots = order.length;
	let firstClass = 0;
	const runs = Array.from({ length: tilesFor(slots) }, (_, tile): readonly TileRun[] => {
		const first = tile * tileSize;
		const last = Math.min(slots, first + tileSize) - 1;
		while ((starts[firstClass + 1] as number) <= first) firstClass++;
		const classes = { starts, ends, firstClass };
		const seen = spanSeen(first, last, classes, low, high);
		const [start, end] = [starts[firstClass] as number, ends[firstClass] as number];
		const nextStart = starts[firstClass + 1] as number;
		if (last >= nextStart) return bandRuns(seen, { first: 0, last: -1 }, slots);
		const inside = span(Math.max(Math.min(last, end) + low, start), Math.min(first + high, end), slots);
		const holdsOne = (other: number) =>
			other * tileSize >= start && Math.min(slots, (other + 1) * tileSize) <= nextStart;
		return bandRuns(seen, inside, slots).flatMap((run) => {
			if (run.rule === everyPair && !notSelf) return [run];
			return splitRun(run, (other) => {
				if (run.rule === everyPair && other !== tile) return everyPair;
				return holdsOne(other) ? sameClass : anyClass;
			});
		});
	});
	const positions = stride > 1 ? slotsOf(order) : null;
	const rules = [{}, { ...bounds, modulus: stride }, bounds];
	return { rows: length, columns: length, rowOrder: positions, columnOrder: positions, runs, rules };
}

/** Classes of remainders among slots. */
interface Classes {
	/** First slot of each class, and the number of slots. */
	readonly starts: readonly number[];
	/** Last filled slot of each class. */
	readonly ends: readonly number[];
}

/**
 * Positions by their remainder. Classes of a tile or more begin with a tile, behind empty slots (-1), so that none of their tiles holds
 * pairs of two classes.
 */
function residueOrder(length: number, stride: number): Classes & { order: Int32Array } {
	const classes = Math.min(stride, length);
	const unit = length >= stride * tileSize && stride > 1 ? tileSize : 1;
	const [starts, ends] = [[0], [] as number[]];
	for (let remainder = 0; remainder < classes; remainder++) {
		const [start, members] = [starts[remainder] as number, Math.ceil((length - remainder) / stride)];
		ends.push(start + members - 1);
		starts.push(start + Math.ceil(members / unit) * unit);
	}
	const order = new Int32Array(starts[classes] as number).fill(-1);
	for (let position = 0; position < length; position++)
		order[(starts[position % stride] as number) + Math.floor(position / stride)] = position;
	return { order, starts, ends };
}

/** What some query of the slots first..last sees: in each of their classes, from `firstClass` on, a plain band. */
function spanSeen(
	first: number,
	last: number,
	{ starts, ends, firstClass }: Classes & { readonly firstClass: number },
	low: number,
	high: number,
): Span {
	let seen: Span = { first: Number.POSITIVE_INFINITY, last: -1 };
	for (let at = firstClass; at + 1 < starts.length && (starts[at] as number) <= last; at++) {
		const [start, end] = [starts[at] as number, ends[at] as number];
		const from = Math.max(Math.max(first, start) + low, start);
		const until = Math.min(Math.min(last, end) + high, end);
		if (from <= until) seen = { first: Math.min(seen.first, from), last: Math.max(seen.last, until) };
	}
	return seen;
}

/** The tiles of a run, each by the rule that is chosen for it. */
function splitRun({ firstTile, tiles }: TileRun, ruleOf: (tile: number) => number): TileRun[] {
	const list: TileRun[] = [];
	for (let tile = firstTile; tile < firstTile + tiles; tile++) {
		const last = list[list.length - 1];
		const rule = ruleOf(tile);
		if (last?.rule === rule) list[list.length - 1] = { ...last, tiles: last.tiles + 1 };
		else list.push({ firstTile: tile, tiles: 1, rule });
	}
	return list;
}
