import type { Tensor } from "../tensor/tensor.js";

/**
 * Smallest and largest id. Known for free of tensors made from host data; others (slices, concatenations) are read back
 * where the device can, else taken to be in range.
 */
export function idRange(ids: Tensor<"int32">): { min: number; max: number } {
	const { range, device } = ids.storage;
	if (range) return range;
	let min = 0;
	let max = 0;
	if (device.backend.readSync)
		for (const id of ids.dataSync()) {
			if (id < min) min = id;
			if (id > max) max = id;
		}
	return { min, max };
}
