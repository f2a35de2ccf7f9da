import { type EncodedPlans, floatBits, planWords, ruleFlags } from "../../backends/backend.js";
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

function ruleWords(rule: TileRule, bitmapOffset: number): number[] {
	const flags = (showsAll(rule) ? ruleFlags.full : 0) | (rule.notSelf ? ruleFlags.notSelf : 0);
	return [
		flags,
		rule.minOffset ?? -(2 ** 31),
		rule.maxOffset ?? 2 ** 31 - 1,
		rule.modulus ?? 0,
		bitmapOffset,
		floatBits(rule.logWeight ?? 0),
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
