import { dilatedBandPlan } from "../plan/dilated.js";
import type { HeadPlans } from "../plan/encode.js";
import { gatherPlan } from "../plan/gather.js";
import { bandPattern, patternPlan, stridedPattern } from "../plan/pattern.js";
import type { TilePlan } from "../plan/tile-plan.js";

/** The window of a mechanism, with one dilation for all heads or one per head. */
export interface Window {
	readonly window: number;
	readonly causal: boolean;
	readonly dilations: readonly number[];
}

/** One plan for each distinct dilation, shared by the heads that use it. */
function byDilation(dilations: readonly number[], build: (dilation: number) => TilePlan): HeadPlans {
	const distinct = [...new Set(dilations)];
	return { plans: distinct.map(build), headMap: dilations.map((dilation) => distinct.indexOf(dilation)) };
}

/** Plans of a whole sequence. */
export function windowPlans(length: number, { window, causal, dilations }: Window): HeadPlans {
	return byDilation(dilations, (dilation) => dilatedBandPlan({ length, window, dilation, causal }));
}

/** Causal plans of `length` queries whose keys are the `before` positions ahead of them and their own. */
export function continuedPlans(length: number, before: number, { window, dilations }: Window): HeadPlans {
	return byDilation(dilations, (dilation) =>
		patternPlan(
			length,
			before + length,
			bandPattern(before - window * dilation, before).and(stridedPattern(dilation, before)),
		),
	);
}

/** Plans of the one query at `position` over a ring of keys in which position t lies in slot t mod ringLength. */
export function ringPlans(position: number, ringLength: number, { window, dilations }: Window): HeadPlans {
	return byDilation(dilations, (dilation) => {
		const steps = Math.min(window, Math.floor(position / dilation));
		const slots = Array.from({ length: steps + 1 }, (_, step) => (position - step * dilation) % ringLength);
		return gatherPlan({ rows: 1, columns: ringLength, columnList: slots });
	});
}
