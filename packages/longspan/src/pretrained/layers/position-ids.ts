import { intTensor } from "../../tensor/create.js";
import type { Device } from "../../tensor/device.js";
import type { Tensor } from "../../tensor/tensor.js";

/** first, first + 1, …: int32 [1, length]. */
export function absolutePositions(length: number, device: Device, first = 0): Tensor<"int32"> {
	return intTensor(
		Int32Array.from({ length }, (_, at) => first + at),
		[1, length],
		device,
	);
}

/**
 * Positions as RoBERTa counts them: the tokens that are no padding by their id count from padId + 1 on, padding has padId.
 *
 * @param inputIds int32 [batch, length]
 * @returns int32 [batch, length]
 */
export function positionsAfterPadding(inputIds: Tensor<"int32">, padId: number): Tensor<"int32"> {
	const [batch, length] = inputIds.shape as [number, number];
	const ids = inputIds.dataSync();
	const positions = new Int32Array(batch * length);
	for (let entry = 0; entry < batch; entry++)
		for (let at = entry * length, count = padId; at < (entry + 1) * length; at++)
			positions[at] = ids[at] === padId ? padId : ++count;
	return intTensor(positions, inputIds.shape, inputIds.device);
}
