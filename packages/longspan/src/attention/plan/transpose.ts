import type { HeadPlans } from "./encode.js";
import { type TilePlan, type TileRule, type TileRun, tileSize, tilesFor } from "./tile-plan.js";

/** The rule seen from the other side: rows and columns exchanged. Negating 0 must not give -0. */
function transposeRule(rule: TileRule): TileRule {
	const { minOffset, maxOffset, bitmap, ...rest } = rule;
	return {
		...rest,
		...(maxOffset !== undefined && { minOffset: 0 - maxOffset }),
		...(minOffset !== undefined && { maxOffset: 0 - minOffset }),
		...(bitmap && { bitmap: transposeBitmaps(bitmap) }),
	};
}

function transposeBitmaps(bitmap: Uint32Array): Uint32Array {
	const out = new Uint32Array(bitmap.length);
	const tileWords = 2 * tileSize;
	for (let base = 0; base < bitmap.length; base += tileWords)
		for (let row = 0; row < tileSize; row++)
			for (let column = 0; column < tileSize; column++)
				if (((bitmap[base + row * 2 + (column >> 5)] as number) >>> (column & 31)) & 1) {
					const word = base + column * 2 + (row >> 5);
					out[word] = (out[word] as number) | (1 << (row & 31));
				}
	return out;
}

/** Each tile of a run with bitmaps has its own, so in the transposed plan it needs a rule of its own. */
function splitBitmapRuns(plan: TilePlan): TilePlan {
	if (!plan.rules.some((rule) => rule.bitmap)) return plan;
	const rules: TileRule[] = [...plan.rules];
	const runs = plan.runs.map((list) =>
		list.flatMap((run): TileRun[] => {
			const rule = plan.rules[run.rule] as TileRule;
			const { bitmap } = rule;
			if (!bitmap || run.tiles === 1) return [run];
			return Array.from({ length: run.tiles }, (_, tile) => {
				rules.push({ ...rule, bitmap: bitmap.subarray(tile * 2 * tileSize, (tile + 1) * 2 * tileSize) });
				return { firstTile: run.firstTile + tile, tiles: 1, rule: rules.length - 1 };
			});
		}),
	);
	return { ...plan, rules, runs };
}

/** The same pairs with keys as rows: what the key side of the gradient walks, so that no two items write the same key. */
export function transposePlan(plan: TilePlan): TilePlan {
	const split = splitBitmapRuns(plan);
	const rowTiles = split.columnOrder ? split.columnOrder.length / tileSize : tilesFor(split.columns);
	const runs: TileRun[][] = Array.from({ length: rowTiles }, () => []);
	split.runs.forEach((list, queryTile) => {
		for (const run of list)
			for (let keyTile = run.firstTile; keyTile < run.firstTile + run.tiles; keyTile++) {
				const target = runs[keyTile] as TileRun[];
				const last = target[target.length - 1];
				const continues =
					last && last.rule === run.rule && last.firstTile + last.tiles === queryTile && !split.rules[run.rule]?.bitmap;
				if (continues) target[target.length - 1] = { ...last, tiles: last.tiles + 1 };
				else target.push({ firstTile: queryTile, tiles: 1, rule: run.rule });
			}
	});
	return {
		rows: split.columns,
		columns: split.rows,
		rowOrder: split.columnOrder,
		columnOrder: split.rowOrder,
		runs,
		rules: split.rules.map(transposeRule),
	};
}

const transposed = new WeakMap<HeadPlans, HeadPlans>();

/** The transposes of the plans of a call. The same object is transposed once. */
export function transposeHeadPlans(headPlans: HeadPlans): HeadPlans {
	let result = transposed.get(headPlans);
	if (!result) {
		result = { plans: headPlans.plans.map(transposePlan), headMap: headPlans.headMap };
		transposed.set(headPlans, result);
	}
	return result;
}
