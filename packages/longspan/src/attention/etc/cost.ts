import type { Cost, CostSizes } from "../mechanism.js";
import { bandPlan, fullPlan } from "../plan/builders.js";
import type { TilePlan } from "../plan/tile-plan.js";
import { softmaxCost } from "../softmax/cost.js";
import { forAllHeads } from "../softmax/softmax-attention.js";
import { offsetBands } from "./bands.js";

/** Cost of both outputs: the parts of the window, those across the sequences, and the terms of relative positions. */
export function etcCost(
	{ radius, maxDistance }: { readonly radius: number; readonly maxDistance: number | undefined },
	longLength: number,
	globalLength: number,
	{ batch = 1, heads = 1, headDim = 64, valueDim = headDim }: CostSizes,
): Cost {
	let [flops, tiles] = [0, 0];
	const addPart = (plan: TilePlan, width: number): void => {
		const part = softmaxCost(forAllHeads(plan), plan.rows, { batch, heads, headDim: width, valueDim });
		flops += part.flops;
		tiles += part.tiles;
	};
	const addTerms = (length: number, ids: number): void => {
		flops += 2 * batch * heads * length * ids * headDim;
	};
	const addSequence = (length: number, others: number, reach: number): number => {
		const { near, beyond } = offsetBands(length, reach, maxDistance);
		const offsets = maxDistance === undefined ? 0 : near[1] - near[0] + 1;
		const band = ([minOffset, maxOffset]: readonly [number, number]) =>
			bandPlan({ rows: length, columns: length, minOffset, maxOffset });
		addPart(band(near), headDim + offsets);
		for (const offsetsBeyond of beyond) addPart(band(offsetsBeyond), headDim);
		addPart(fullPlan(length, others), headDim);
		if (maxDistance !== undefined) addTerms(length, offsets + 4);
		return length * wordsPerToken(offsets, 2 + beyond.length);
	};
	/** The near part with its wider queries and keys, or all parts and a merge of them. */
	const wordsPerToken = (offsets: number, parts: number): number => {
		const near = offsets > 0 ? 2 * headDim + 14 * offsets + valueDim : 0;
		return Math.max(near, (parts + 1) * (valueDim + 1) + 2 * offsets);
	};
	const words = addSequence(longLength, globalLength, radius) + addSequence(globalLength, longLength, globalLength - 1);
	return { flops, tiles, bytes: 4 * batch * heads * words };
}
