import type { Cost, CostSizes } from "../mechanism.js";
import type { HeadPlans } from "../plan/encode.js";
import { softmaxCost } from "../softmax/cost.js";
import type { Settings } from "./options.js";
import { weightNames } from "./weights.js";

/**
 * Cost of the two projections and of attention to the slots. Memory: the slots and the result; for inputs shorter than
 * maxLength the columns of E and F that are used; for pools one copy of the input, where its last window is short.
 */
export function linformerCost(plans: HeadPlans, length: number, settings: Settings, sizes: CostSizes): Cost {
	const { batch = 1, heads = 1, headDim = 64, valueDim = headDim } = sizes;
	const { projection, sharing, slots, stride, maxLength } = settings;
	const entries = batch * heads;
	const width = headDim + valueDim;
	const attention = softmaxCost(plans, length, sizes);
	// What a position costs for each channel: a multiply-add per slot, or one in all.
	const products = { linear: slots, convolution: 1, "mean-pool": 0, "max-pool": 0 }[projection];
	const matrices = weightNames(settings).length * (sharing === "none" ? heads : 1);
	const cutMatrices = projection === "linear" && length < maxLength ? matrices * slots * length : 0;
	const padded = Math.ceil(length / stride) * stride;
	const windows = projection === "linear" ? 0 : entries * padded * (Math.max(headDim, valueDim) + 1);
	return {
		flops: attention.flops + entries * length * 2 * products * width,
		tiles: attention.tiles,
		bytes: attention.bytes + 4 * (2 * entries * slots * width + cutMatrices + windows),
	};
}
