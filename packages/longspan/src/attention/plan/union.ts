import { OptionError } from "../../errors.js";
import { appendTile } from "./append-tile.js";
import { forEachPair } from "./statistics.js";
import { positionOf, ruleShows, showsAll, type TilePlan, type TileRule, type TileRun, tileSize } from "./tile-plan.js";

const everyPair: TileRule = {};

interface TileEntry {
	readonly plan: TilePlan;
	readonly rule: number;
	readonly tileOfRun: number;
}

function sameOrder(a: Int32Array | null, b: Int32Array | null): boolean {
	if (a === b) return true;
	return a !== null && b !== null && a.length === b.length && a.every((position, slot) => position === b[slot]);
}

/**
 * One plan that shows each pair that any of the plans shows, once. The plans must have the same lengths and the same order of
 * rows and columns; plans in different orders are run one by one and merged by `mergeSoftmax` instead, which needs them disjoint
 * (see `assertDisjoint`).
 */
export function unionPlan(...plans: readonly TilePlan[]): TilePlan {
	const [head] = plans;
	if (!head) throw new OptionError("unionPlan: no plan was given; expected at least one");
	for (const plan of plans) {
		if (plan.rows !== head.rows || plan.columns !== head.columns)
			throw new OptionError(
				`unionPlan: a plan has ${plan.rows} x ${plan.columns} positions, another ${head.rows} x ${head.columns}; they must agree`,
			);
		if (!sameOrder(plan.rowOrder, head.rowOrder) || !sameOrder(plan.columnOrder, head.columnOrder))
			throw new OptionError(
				"unionPlan: the plans order their rows or columns differently; run them one by one and merge them with mergeSoftmax",
			);
		if (plan.rules.some((rule) => rule.logWeight))
			throw new OptionError("unionPlan: a plan weights its pairs (logWeight); a union counts each pair once");
	}
	const rules: TileRule[] = [];
	const ruleIndex = new Map<TileRule, number>();
	const indexOf = (rule: TileRule): number => {
		let index = ruleIndex.get(rule);
		if (index === undefined) {
			index = rules.push(rule) - 1;
			ruleIndex.set(rule, index);
		}
		return index;
	};
	const runs = head.runs.map((_, rowTile) => {
		const byTile = new Map<number, TileEntry[]>();
		for (const plan of plans)
			for (const run of plan.runs[rowTile] as readonly TileRun[])
				for (let tile = 0; tile < run.tiles; tile++) {
					const entries = byTile.get(run.firstTile + tile);
					const entry = { plan, rule: run.rule, tileOfRun: tile };
					if (entries) entries.push(entry);
					else byTile.set(run.firstTile + tile, [entry]);
				}
		const list: TileRun[] = [];
		for (const columnTile of [...byTile.keys()].sort((a, b) => a - b)) {
			const rule = indexOf(combinedRule(head, rowTile, columnTile, byTile.get(columnTile) as TileEntry[]));
			appendTile(list, columnTile, rule, rules);
		}
		return list;
	});
	return { ...head, runs, rules };
}

/** The rule of a tile: its own where one plan has it, else a bitmap of the pairs of all. */
function combinedRule(shape: TilePlan, rowTile: number, columnTile: number, entries: readonly TileEntry[]): TileRule {
	if (entries.some(({ plan, rule }) => showsAll(plan.rules[rule] as TileRule))) return everyPair;
	const [only] = entries;
	const own = only?.plan.rules[only.rule] as TileRule;
	if (entries.length === 1 && !own.bitmap) return own;
	const bitmap = new Uint32Array(2 * tileSize);
	for (const { plan, rule, tileOfRun } of entries)
		for (let row = 0; row < tileSize; row++) {
			const r = positionOf(shape.rowOrder, shape.rows, rowTile * tileSize + row);
			if (r < 0) continue;
			for (let column = 0; column < tileSize; column++) {
				const c = positionOf(shape.columnOrder, shape.columns, columnTile * tileSize + column);
				if (c < 0 || !ruleShows(plan.rules[rule] as TileRule, row, column, r, c, tileOfRun)) continue;
				const word = row * 2 + (column >> 5);
				bitmap[word] = (bitmap[word] as number) | (1 << (column & 31));
			}
		}
	return { bitmap };
}

/** Throws `OptionError`, naming a pair, if two plans show the same pair. Takes time and memory in proportion to the visible pairs. */
export function assertDisjoint(...plans: readonly TilePlan[]): void {
	const seen = new Set<number>();
	for (const plan of plans)
		forEachPair(plan, (row, column) => {
			const key = row * plan.columns + column;
			if (seen.has(key))
				throw new OptionError(
					`assertDisjoint: query ${row} sees key ${column} in more than one plan; merged, the pair would count twice`,
				);
			seen.add(key);
		});
}
