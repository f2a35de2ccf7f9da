import { OptionError } from "../errors.js";
import type { Tensor } from "../tensor/tensor.js";

/**
 * Throws unless every id is from 0 to limit - 1, or is `ignored`. The range of tensors made from host data is known for
 * free; others are read back where the device can, else trusted.
 */
export function checkIds(operation: string, name: string, ids: Tensor<"int32">, limit: number, ignored?: number): void {
	const { range, device } = ids.storage;
	if (ids.size === 0 || (range && range.min >= 0 && range.max < limit)) return;
	const values = device.backend.readSync ? ids.dataSync() : [];
	for (const id of values)
		if (id !== ignored && (id < 0 || id >= limit))
			throw new OptionError(
				`${operation}: ${name} hold ${id}; expected 0 to ${limit - 1}${ignored === undefined ? "" : `, or ${ignored} to ignore`}`,
			);
}
