import { intTensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { checkTokens } from "./check-inputs.js";

/**
 * What a decoder reads to be trained to write `labels`: the start token, then the labels but for the last; labels that do not count
 * (-100) become padding.
 *
 * @param labels int32 [batch, length]
 * @returns int32 [batch, length]
 * @throws ShapeError, DTypeError
 * @example
 * const decoderInputIds = shiftRight(labels, startId, padId);
 */
export function shiftRight(labels: Tensor<"int32">, startId: number, padId: number): Tensor<"int32"> {
	checkTokens("shiftRight", "labels", labels);
	const length = labels.shape[1] as number;
	const from = labels.dataSync();
	const shifted = Int32Array.from(from, (_, at) => {
		if (at % length === 0) return startId;
		const before = from[at - 1] as number;
		return before === -100 ? padId : before;
	});
	return intTensor(shifted, labels.shape, labels.device);
}
