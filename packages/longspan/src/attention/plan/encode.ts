import { OptionError } from "../../errors.js";
import { showsAll, type TilePlan, type TileRule, tileSize, tilesFor } from "./tile-plan.js";

export { tileSize };

/**
 * Tile plans as one array of int32 words, the form every backend reads. All offsets are in words from the start.
 *
 * ```
 * 0  number of plans P      1  length M of the head map      2  offset of the head map      3  0
 * 4  P plan headers, 8 words each:
 *      0 rowTiles       number of tiles of rows
 *      1 columnTiles    number of tiles of columns
 *      2 rows           offset of rowTiles*64 original row positions (-1 = empty slot), 0 = identity
 *      3 columns        offset of columnTiles*64 original column positions, 0 = identity
 *      4 runStart       offset of rowTiles+1 run indices: row tile t has runs runStart[t] .. runStart[t+1]-1
 *      5 runs           offset of the runs, 3 words each: first column tile, number of tiles, rule index
 *      6 rules          offset of the rules, 8 words each
 *      7 0
 * ```
 * Head map: entry (batch * heads + head) mod M is the index of the plan used.
 *
 * A rule tells which pairs of a tile are visible. With r, c the original positions of row and column and d = c - r:
 * ```
 *      0 flags          1 = FULL: every pair (nothing else is tested), 2 = NOT_SELF: d != 0
 *      1 minOffset      d >= minOffset          (-2^31: no bound)
 *      2 maxOffset      d <= maxOffset          (2^31 - 1: no bound)
 *      3 modulus        d mod modulus == 0      (0 or 1: no test)
 *      4 bitmap         offset of bitmaps, 0 = none: 128 words a tile, two per row, bit c%32 of word c/32 = slot c.
 *                       The i-th tile of a run uses the i-th bitmap.
 *      5 logWeight      float32 bits, added to every score of the tile (0 = +0.0)
 *      6 0              7 0
 * ```
 * Slots that are empty, or with identity order lie at or beyond the length, are never visible.
 */
export interface EncodedPlans {
	readonly words: Int32Array;
}

export const planWords = { header: 4, plan: 8, run: 3, rule: 8, bitmap: 2 * tileSize } as const;
export const ruleFlags = { full: 1, notSelf: 2 } as const;

/** Plans for the heads of one attention call. */
export interface HeadPlans {
	readonly plans: readonly TilePlan[];
	/** Plan of (batch entry * heads + head) modulo its length: one entry for all heads, one per head, or one per batch entry and head. */
	readonly headMap: readonly number[];
}

/** Collects arrays and hands out the offset each will have. */
class WordWriter {
	readonly #sections: ArrayLike<number>[] = [];
	length = 0;

	append(section: ArrayLike<number>): number {
		const offset = this.length;
		this.#sections.push(section);
		this.length += section.length;
		return offset;
	}

	finish(): Int32Array {
		const words = new Int32Array(this.length);
		let offset = 0;
		for (const section of this.#sections) {
			words.set(section, offset);
			offset += section.length;
		}
		return words;
	}
}

const floatWord = new DataView(new ArrayBuffer(4));

function ruleWords(rule: TileRule, bitmapOffset: number): number[] {
	floatWord.setFloat32(0, rule.logWeight ?? 0);
	const flags = (showsAll(rule) ? ruleFlags.full : 0) | (rule.notSelf ? ruleFlags.notSelf : 0);
	return [
		flags,
		rule.minOffset ?? -(2 ** 31),
		rule.maxOffset ?? 2 ** 31 - 1,
		rule.modulus ?? 0,
		bitmapOffset,
		floatWord.getInt32(0),
		0,
		0,
	];
}

/** Appends one plan and returns its header. */
function appendPlan(writer: WordWriter, plan: TilePlan): number[] {
	const rows = plan.rowOrder ? writer.append(plan.rowOrder) : 0;
	const columns = plan.columnOrder ? writer.append(plan.columnOrder) : 0;
	const starts = [0];
	for (const list of plan.runs) starts.push((starts[starts.length - 1] as number) + list.length);
	const runStart = writer.append(starts);
	const runs = writer.append(plan.runs.flatMap((list) => list.flatMap((run) => [run.firstTile, run.tiles, run.rule])));
	const bitmaps = plan.rules.map((rule) => (rule.bitmap ? writer.append(rule.bitmap) : 0));
	const rules = writer.append(plan.rules.flatMap((rule, index) => ruleWords(rule, bitmaps[index] as number)));
	const columnTiles = tilesFor(plan.columnOrder ? plan.columnOrder.length : plan.columns);
	return [plan.runs.length, columnTiles, rows, columns, runStart, runs, rules, 0];
}

const encoded = new WeakMap<HeadPlans, EncodedPlans>();

/** Writes plans in the form backends read. The same object is encoded once. */
export function encodePlans(headPlans: HeadPlans): EncodedPlans {
	const known = encoded.get(headPlans);
	if (known) return known;
	const { plans, headMap } = headPlans;
	if (headMap.length === 0 || headMap.some((index) => !plans[index]))
		throw new OptionError(`plans: the head map [${headMap.join(", ")}] must name plans 0 to ${plans.length - 1}`);
	const writer = new WordWriter();
	writer.append([plans.length, headMap.length, planWords.header + plans.length * planWords.plan, 0]);
	const headers = new Int32Array(plans.length * planWords.plan);
	writer.append(headers);
	writer.append(headMap);
	plans.forEach((plan, index) => {
		headers.set(appendPlan(writer, plan), index * planWords.plan);
	});
	const result = { words: writer.finish() };
	encoded.set(headPlans, result);
	return result;
}
