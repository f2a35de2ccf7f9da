import type { HeadPlans } from "../plan/encode.js";
import { cachePlans } from "../plan/plan-cache.js";
import type { TilePlan } from "../plan/tile-plan.js";
import type { GlobalLists } from "./globals.js";
import { globalRowsPlan, longformerPlan, type PlanRows } from "./plans.js";

/** Which queries plans are for: all, those whose token is not global, or those of the global tokens. */
export type Rows = PlanRows | "global";

/** Plans by rows, heads, length and global tokens; those of the last few calls are remembered. */
export function plansOfPattern(pattern: { window: number; causal: boolean; dilations: readonly number[] }) {
	const { window, causal, dilations } = pattern;
	const make = (rows: Rows) =>
		cachePlans((heads: number, length: number, ...encoded: number[]) => {
			const build = (dilation: number, globals: readonly number[]) => {
				const one = { window, causal, dilation, globals };
				return rows === "global" ? globalRowsPlan(length, one) : longformerPlan(length, one, rows);
			};
			// The rows of global tokens do not depend on the dilation.
			return headPlans(heads, rows === "global" ? [1] : dilations, decodeLists(encoded), build);
		});
	const caches = { all: make("all"), local: make("local"), global: make("global") };
	return (rows: Rows, heads: number, length: number, lists: GlobalLists): HeadPlans =>
		caches[rows](lists.length > 1 ? heads : 0, length, ...lists.flatMap((list) => [...list, -1]));
}

/** Lists that each end with -1. */
function decodeLists(encoded: readonly number[]): number[][] {
	const lists: number[][] = [];
	let list: number[] = [];
	for (const position of encoded)
		if (position >= 0) list.push(position);
		else {
			lists.push(list);
			list = [];
		}
	return lists;
}

/** Plans for heads of one or several dilations and one list of global tokens for all batch entries, or one for each. */
function headPlans(
	heads: number,
	dilations: readonly number[],
	globalLists: readonly (readonly number[])[],
	build: (dilation: number, globals: readonly number[]) => TilePlan,
): HeadPlans {
	const distinct = [...new Set(dilations)];
	const planOf = (head: number) => distinct.indexOf(dilations[head % dilations.length] as number);
	return {
		plans: globalLists.flatMap((globals) => distinct.map((dilation) => build(dilation, globals))),
		headMap:
			globalLists.length === 1
				? dilations.map((_, head) => planOf(head))
				: globalLists.flatMap((_, entry) =>
						Array.from({ length: heads }, (__, h) => entry * distinct.length + planOf(h)),
					),
	};
}
