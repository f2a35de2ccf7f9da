import { uniform } from "../../ops/random.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { RunOptions } from "../architecture.js";

/** Whether a training step leaves a layer out (LayerDrop, Fan et al. 2019, arXiv 1909.11556). */
export function leavesOut(rate: number, random: RunOptions["random"], { device }: Tensor): boolean {
	if (!random || rate === 0) return false;
	const [number] = scope(() => uniform([1], random, device).dataSync());
	return (number as number) < rate;
}
