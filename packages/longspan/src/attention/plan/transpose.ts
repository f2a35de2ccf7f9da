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
	const block = new Uint32Array(32);
	// Each tile is four blocks of 32 x 32 bits.
	for (let base = 0; base < bitmap.length; base += 2 * tileSize)
		for (const rowHalf of [0, 1])
			for (const columnHalf of [0, 1]) {
				for (let i = 0; i < 32; i++) block[i] = bitmap[base + 2 * (32 * rowHalf + i) + columnHalf] as number;
				transposeBits(block);
				for (let i = 0; i < 32; i++) out[base + 2 * (32 * columnHalf + i) + rowHalf] = block[i] as number;
			}
	return out;
}

/** Transposes 32 x 32 bits in place: exchanges the off-diagonal quarters of ever smaller squares. */
function transposeBits(rows: Uint32Array): void {
	for (let half = 16, mask = 0x0000ffff; half > 0; half >>= 1, mask ^= mask << half)
		for (let first = 0; first < 32; first = (first + half + 1) & ~half) {
			const [high, low] = [rows[first] as number, rows[first + half] as number];
			const changed = ((high >>> half) ^ low) & mask;
			rows[first] = high ^ (changed << half);
			rows[first + half] = low ^ changed;
		}
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
	return exchangeSides(plan, transposeTiles(plan));
}

/** What of a plan does not depend on its orders. */
type Tiles = Pick<TilePlan, "runs" | "rules">;

function exchangeSides({ rows, columns, rowOrder, columnOrder }: TilePlan, tiles: Tiles): TilePlan {
	return { rows: columns, columns: rows, rowOrder: columnOrder, columnOrder: rowOrder, ...tiles };
}

function columnTilesOf({ columns, columnOrder }: TilePlan): number {
	return columnOrder ? columnOrder.length / tileSize : tilesFor(columns);
}

function transposeTiles(plan: TilePlan): Tiles {
	const split = splitBitmapRuns(plan);
	const runs: TileRun[][] = Array.from({ length: columnTilesOf(plan) }, () => []);
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
	return { runs, rules: split.rules.map(transposeRule) };
}

/** Transposes plans one after the other; those that share their tiles, as sorted tokens of several heads do, share the result. */
function transposeAll(plans: readonly TilePlan[]): TilePlan[] {
	const known = new Map<TilePlan["runs"], { readonly of: TilePlan; readonly tiles: Tiles }>();
	return plans.map((plan) => {
		const last = known.get(plan.runs);
		const same = last && last.of.rules === plan.rules && columnTilesOf(last.of) === columnTilesOf(plan);
		const tiles = same ? last.tiles : transposeTiles(plan);
		known.set(plan.runs, { of: plan, tiles });
		return exchangeSides(plan, tiles);
	});
}

const transposed = new WeakMap<HeadPlans, HeadPlans>();

/** The transposes of the plans of a call. The same object is transposed once. */
export function transposeHeadPlans(headPlans: HeadPlans): HeadPlans {
	let result = transposed.get(headPlans);
	if (!result) {
		result = { plans: transposeAll(headPlans.plans), headMap: headPlans.headMap };
		transposed.set(headPlans, result);
	}
	return result;
}
