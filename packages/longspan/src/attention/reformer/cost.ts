import type { Cost, CostSizes } from "../mechanism.js";
import type { HeadPlans } from "../plan/encode.js";
import { softmaxCost } from "../softmax/cost.js";
import { hashedAtOnce } from "./hash.js";
import type { RoundLayout } from "./layout.js";
import type { ReformerSettings } from "./options.js";

/** What a call hashes: rounds, and rotations in each. */
interface Hashing {
	readonly layout: RoundLayout;
	readonly rounds: number;
	readonly rotations: number;
}

/**
 * Cost of a call of full attention (no `hashing`) or over rounds. Tiles and products of a round are those of its layout; a bucket mask or
 * causality leaves some of them out, which ones the data decides.
 */
export function reformerCost(
	settings: ReformerSettings,
	length: number,
	{ batch = 1, heads = 1, headDim = 64, valueDim = headDim }: CostSizes,
	attention: { readonly full: HeadPlans } | Hashing,
): Cost {
	const sizes = { batch, heads, headDim, valueDim };
	const rows = batch * heads * length;
	const result = rows * (valueDim + 1);
	// Merging takes two results and makes a third; the part of the own position is a logSumExp beside the values.
	const selfMerge = settings.excludeSelf ? 2 * result + rows : result;
	const keys = rows * (headDim + 1);
	if ("full" in attention) {
		const { flops, tiles } = softmaxCost(attention.full, length, sizes);
		return { flops, tiles, bytes: 4 * (keys + selfMerge) };
	}
	const { layout, rounds, rotations } = attention;
	const plan = { ...layout, rows: length, columns: length, rowOrder: null, columnOrder: null };
	const { flops, tiles } = softmaxCost({ plans: [plan], headMap: [0] }, length, sizes);
	const hashed = batch * heads * hashedAtOnce(length, headDim, rotations);
	const hashWords = hashed * (rotations + 1 + (hashed < rows ? headDim : 0));
	const planWords = batch * heads * (length + layout.listChunks * layout.chunkLength);
	return {
		flops: rounds * flops + 2 * rows * headDim * rounds * rotations,
		tiles: rounds * tiles,
		bytes: 4 * Math.max(hashWords, keys + Math.max(rounds > 1 ? 3 * result : 0, selfMerge, planWords + result)),
	};
}
