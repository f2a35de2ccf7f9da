import type { Attention, Cost } from "longspan";
import { type CallSizes, inputBytes } from "./inputs.js";

/** Most memory the tensor core can address. */
const heapBytes = 2 ** 32;

/** Longest length whose cost is counted tile by tile; beyond it, it is extrapolated. */
const longestCounted = 2 ** 17;

/**
 * What a call will cost, at any length, however absurd, in bounded time. Beyond 131,072 a parabola through three lengths
 * stands for the count: costs are polynomials in the length of at most degree two.
 */
export function predictCost(attention: Attention, n: number, sizes: CallSizes): Cost {
	if (n <= longestCounted) return attention.cost(n, sizes);
	const [a, b, c] = [longestCounted / 4, longestCounted / 2, longestCounted].map((length) => ({
		length,
		cost: attention.cost(length, sizes),
	})) as [Sample, Sample, Sample];
	const at = (field: keyof Cost): number =>
		Math.round(
			[
				[a, b, c],
				[b, a, c],
				[c, a, b],
			].reduce((sum, [own, other, third]) => {
				const [x, y, z] = [own, other, third].map((sample) => (sample as Sample).length) as [number, number, number];
				return sum + ((own as Sample).cost[field] * (n - y) * (n - z)) / ((x - y) * (x - z));
			}, 0),
		);
	return { flops: at("flops"), tiles: at("tiles"), bytes: at("bytes") };
}

interface Sample {
	readonly length: number;
	readonly cost: Cost;
}

/** Memory a measurement of a call of this cost needs: inputs, what it takes beyond them, and the gradients with `backward`. */
export function neededBytes({ bytes }: Cost, n: number, sizes: CallSizes, backward: boolean): number {
	const gradients = backward ? inputBytes(sizes, n, false) : 0;
	return inputBytes(sizes, n, backward) + bytes + gradients;
}

/** Memory there is for tensors: what the heap can hold, or what the machine has free if that is less. */
export function memoryLimit(): { bytes: number; reason: string } {
	const free = process.availableMemory();
	return free < heapBytes ? { bytes: free, reason: "free" } : { bytes: heapBytes, reason: "the heap's limit" };
}
