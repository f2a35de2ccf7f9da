import { blockPlan } from "../plan/blocks.js";
import { bandPlan } from "../plan/builders.js";
import type { HeadPlans } from "../plan/encode.js";
import { gatherPlan } from "../plan/gather.js";
import { joinPlans } from "../plan/join.js";
import { stridedPlan } from "../plan/strided.js";
import type { TilePlan } from "../plan/tile-plan.js";
import { type HeadSet, type SparsePattern, summaryCells } from "./pattern.js";

/** Makes the plans of a length and a number of heads. */
export type PlanBuilder = (length: number, heads: number) => HeadPlans;

/**
 * One builder for each pass. Only the union of local and strided keys takes two, since its halves are in different orders: all
 * local keys, and the strided ones but the query's own, which is local. No other key is in both: local ones are nearer than a
 * stride; where they are not (`convention: "paper"`), the one at the distance of a stride is strided, too.
 */
export function partBuilders(pattern: SparsePattern): readonly PlanBuilder[] {
	const { kind, stride, causal, headSets } = pattern;
	if (kind === "strided" && headSets[0]?.set === "merged")
		return [
			(length) => ({ plans: [localPlan(length, stride - 1, causal)], headMap: [0] }),
			(length) => ({
				plans: [stridedPlan({ length, stride, ...(causal ? { maxStep: -1 } : { notSelf: true }) })],
				headMap: [0],
			}),
		];
	const distinct = [...new Set(headSets)];
	return [
		(length, heads) => ({
			plans: distinct.map((headSet) => setPlan(length, headSet, pattern)),
			headMap: Array.from({ length: distinct.length === 1 ? 1 : heads }, (_, head) =>
				distinct.indexOf(headSets[head % headSets.length] as HeadSet),
			),
		}),
	];
}

function setPlan(length: number, { set, subBlock }: HeadSet, pattern: SparsePattern): TilePlan {
	const { kind, stride, causal, reach } = pattern;
	if (kind === "fixed") {
		if (set === "first") return ownBlockPlan(length, pattern);
		if (set === "second") return summaryPlan(length, subBlock, pattern);
		return joinPlans(ownBlockPlan(length, pattern), otherBlocksPlan(length, subBlock, pattern));
	}
	if (set === "first") return localPlan(length, reach, causal);
	return stridedPlan({ length, stride, maxStep: causal ? 0 : undefined });
}

function localPlan(length: number, reach: number, causal: boolean): TilePlan {
	return bandPlan({ rows: length, columns: length, minOffset: 0 - reach, maxOffset: causal ? 0 : reach });
}

function ownBlockPlan(length: number, { stride, causal }: SparsePattern): TilePlan {
	return blockPlan({
		rows: length,
		columns: length,
		rowBlock: stride,
		sees: (block) => [{ first: block, last: block }],
		...(causal && { rule: { maxOffset: 0 } }),
	});
}

/** The summary cells alone. */
function summaryPlan(length: number, subBlock: number, pattern: SparsePattern): TilePlan {
	const columnList = summaryCells(length, pattern, subBlock);
	const rule = pattern.causal ? { maxOffset: 0 } : {};
	if (!pattern.causal || columnList.length === 0)
		return gatherPlan({ rows: length, columns: length, columnList, rule });
	const lastBlock = Math.ceil(columnList.length / pattern.summary) - 1;
	return blockPlan({
		rows: length,
		columns: length,
		columnList,
		rowBlock: pattern.stride,
		columnBlock: pattern.summary,
		sees: (block) => [{ first: 0, last: Math.min(block, lastBlock) }],
		rule,
	});
}

/** The summary cells of the blocks before the query's, and after it unless causal: those of its own block are in `ownBlockPlan`. */
function otherBlocksPlan(length: number, subBlock: number, pattern: SparsePattern): TilePlan {
	const columnList = summaryCells(length, pattern, subBlock);
	const blocks = Math.ceil(columnList.length / pattern.summary);
	return blockPlan({
		rows: length,
		columns: length,
		columnList,
		rowBlock: pattern.stride,
		columnBlock: pattern.summary,
		sees: (block) =>
			[
				{ first: 0, last: Math.min(block, blocks) - 1 },
				...(pattern.causal ? [] : [{ first: block + 1, last: blocks - 1 }]),
			].filter(({ first, last }) => first <= last),
	});
}
