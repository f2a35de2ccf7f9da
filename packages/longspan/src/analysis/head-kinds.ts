import type { HeadPlans } from "../attention/plan/encode.js";
import type { TilePlan } from "../attention/plan/tile-plan.js";

/** Heads that see the same pairs, and the plans that show them. */
export interface HeadKind {
	/** Heads of the first batch entry, ascending. */
	readonly heads: readonly number[];
	/** A plan of each part; together they show what these heads see. */
	readonly plans: readonly TilePlan[];
}

/** The different patterns among `heads` heads, from the parts of a mechanism's connectivity. */
export function headKinds(parts: readonly HeadPlans[], heads: number): HeadKind[] {
	const kinds = new Map<string, { heads: number[]; plans: TilePlan[] }>();
	for (let head = 0; head < heads; head++) {
		const indices = parts.map(({ headMap }) => headMap[head % headMap.length] as number);
		const key = indices.join();
		const known = kinds.get(key);
		if (known) known.heads.push(head);
		else
			kinds.set(key, {
				heads: [head],
				plans: parts.map(({ plans }, part) => plans[indices[part] as number] as TilePlan),
			});
	}
	return [...kinds.values()];
}
