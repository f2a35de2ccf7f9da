import { stridedPlan } from "./strided.js";
import type { TilePlan } from "./tile-plan.js";

export interface DilatedBandOptions {
	readonly length: number;
	/** Neighbours on one side, counted in steps of `dilation`. */
	readonly window: number;
	readonly dilation: number;
	readonly causal: boolean;
}

/**
 * Query r sees the keys r + t * dilation for |t| <= window (t <= 0 if causal). Positions are put in the order of their
 * remainder by `dilation`, where the keys of a query are neighbours, so that as few tiles are visited as without dilation.
 */
export function dilatedBandPlan({ length, window, dilation, causal }: DilatedBandOptions): TilePlan {
	return stridedPlan({ length, stride: dilation, minStep: 0 - window, maxStep: causal ? 0 : window });
}
