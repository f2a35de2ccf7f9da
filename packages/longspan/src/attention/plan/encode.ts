import { doubleBits, type EncodedPlans, floatBits, planWords, ruleFlags } from "../../backends/backend.js";
import { OptionError } from "../../errors.js";
import { showsAll, type TilePlan, type TileRule, tilesFor } from "./tile-plan.js";

/** Plans for the heads of one attention call. */
export interface HeadPlans {
	readonly plans: readonly TilePlan[];
	/** Plan of (batch entry * heads + head) modulo its length: one entry for all heads, one per head, or one per batch entry and head. */
	readonly headMap: readonly number[];
}

/** Collects arrays and hands out the offset each will have. */
class WordWriter {
	readonly #sections: ArrayLike<number>[] = [];
	readonly #offsets = new Map<object, number>();
	length = 0;

	/** The offset of what `source` is written as, which is done once however many plans share it. */
	once(source: object, write: () => number): number {
		const offset = this.#offsets.get(source) ?? write();
		this.#offsets.set(source, offset);
		return offset;
	}

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

function ruleWords(rule: TileRule, bitmapOffset: number): number[] {
	const flags = (showsAll(rule) ? ruleFlags.full : 0) | (rule.notSelf ? ruleFlags.notSelf : 0);
	return [
		flags,
		rule.minOffset ?? -(2 ** 31),
		rule.maxOffset ?? 2 ** 31 - 1,
		rule.modulus ?? 0,
		bitmapOffset,
		floatBits(rule.logWeight ?? 0),
		...doubleBits(rule.logWeight ?? 0),
	];
}

/** Appends one plan and returns its header. */
function appendPlan(writer: WordWriter, plan: TilePlan): number[] {
	const listed = (order: Int32Array | null) => (order ? writer.once(order, () => writer.append(order)) : 0);
	const [rows, columns] = [listed(plan.rowOrder), listed(plan.columnOrder)];
	const runStart = writer.once(plan.runs, () => writer.append(runWords(plan.runs)));
	const runs = runStart + plan.runs.length + 1;
	const rules = writer.once(plan.rules, () => {
		const bitmaps = plan.rules.map(({ bitmap }) => (bitmap ? writer.once(bitmap, () => writer.append(bitmap)) : 0));
		return writer.append(plan.rules.flatMap((rule, index) => ruleWords(rule, bitmaps[index] as number)));
	});
	const columnTiles = tilesFor(plan.columnOrder ? plan.columnOrder.length : plan.columns);
	return [plan.runs.length, columnTiles, rows, columns, runStart, runs, rules, 0];
}

/** Where the runs of each row tile start, and behind that the runs. */
function runWords(lists: TilePlan["runs"]): Int32Array {
	const starts = lists.length + 1;
	const words = new Int32Array(starts + planWords.run * lists.reduce((sum, list) => sum + list.length, 0));
	let count = 0;
	lists.forEach((list, tile) => {
		for (const { firstTile, tiles, rule } of list)
			words.set([firstTile, tiles, rule], starts + planWords.run * count++);
		words[tile + 1] = count;
	});
	return words;
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
