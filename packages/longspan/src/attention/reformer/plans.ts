import { blockPlan } from "../plan/blocks.js";
import type { HeadPlans } from "../plan/encode.js";
import { cachePlans } from "../plan/plan-cache.js";
import type { TilePlan, TileRule } from "../plan/tile-plan.js";
import { forAllHeads } from "../softmax/softmax-attention.js";
import { listKeys, type RoundLayout, roundLayout } from "./layout.js";
import { neighbourhoodOf } from "./neighbourhood.js";
import type { ReformerSettings } from "./options.js";
import { sameBucketRuns } from "./same-bucket.js";
import { sortRound } from "./sort.js";

/** Buckets of all tokens: for each round codes in the order [batch * heads, length], below `buckets`. */
export interface TokenBuckets {
	readonly codes: readonly Int32Array[];
	readonly buckets: number;
	/** batch * heads */
	readonly entries: number;
	readonly length: number;
}

/** What is tested on every pair. */
function pairRule({ causal, excludeSelf }: ReformerSettings): TileRule {
	return { ...(causal && { maxOffset: 0 }), ...(excludeSelf && { notSelf: true }) };
}

/** Puts the tokens whose key is masked in a bucket of their own after the others, if there are any (as in HF). */
export function separatePadding(tokens: TokenBuckets, keyMask: Int32Array | null): TokenBuckets {
	if (!keyMask?.includes(0)) return tokens;
	const { codes, buckets, entries, length } = tokens;
	const heads = (entries * length) / keyMask.length;
	const separated = codes.map((ofRound) =>
		ofRound.map((code, at) => {
			const batch = Math.floor(at / (heads * length));
			return keyMask[batch * length + (at % length)] === 0 ? buckets : code;
		}),
	);
	return { ...tokens, codes: separated, buckets: buckets + 1 };
}

/** The plans of a mechanism by length and buckets. */
export interface ReformerPlans {
	/** Full attention, for lengths that are not hashed. */
	full(length: number): HeadPlans;
	/** What the plans of each round share. */
	layout(length: number, rounds: number): RoundLayout;
	/** The plans of every round: one for each batch entry and head, in the order of its buckets. */
	hashed(tokens: TokenBuckets): HeadPlans[];
}

export function reformerPlans(settings: ReformerSettings): ReformerPlans {
	const { chunkLength, bucketMask, removeDuplicates } = settings;
	const rule = pairRule(settings);
	const full = cachePlans((length: number) =>
		forAllHeads(
			blockPlan({ rows: length, columns: length, rowBlock: length, sees: () => [{ first: 0, last: 0 }], rule }),
		),
	);
	// Whether there are several rounds, not how many, makes the layout.
	const layouts = cachePlans((length: number, several: number) =>
		roundLayout(length, chunkLength, neighbourhoodOf(settings, 1 + several, Math.ceil(length / chunkLength)), rule),
	);
	const layout = (length: number, rounds: number) => layouts(length, Number(rounds > 1));
	return {
		full,
		layout,
		hashed(tokens) {
			const { codes, buckets, entries, length } = tokens;
			const rounds = codes.length;
			const shared = layout(length, rounds);
			const plans: TilePlan[][] = Array.from({ length: rounds }, () => []);
			for (let entry = 0; entry < entries; entry++) {
				const sorted = codes.map((ofRound) =>
					sortRound(ofRound.subarray(entry * length, (entry + 1) * length), buckets),
				);
				const orders = sorted.map(({ order }) => order);
				for (let round = 0; round < rounds; round++) {
					const columnOrder = listKeys(shared, orders, round);
					const own = bucketMask
						? sameBucketRuns(shared, sorted, round, columnOrder, rule, removeDuplicates)
						: { runs: shared.runs, rules: shared.rules };
					(plans[round] as TilePlan[]).push({
						rows: length,
						columns: length,
						rowOrder: orders[round] as Int32Array,
						columnOrder,
						...own,
					});
				}
			}
			const headMap = Array.from({ length: entries }, (_, entry) => entry);
			return plans.map((list) => ({ plans: list, headMap }));
		},
	};
}
