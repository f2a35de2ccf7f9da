import { type Device, intTensor, type LanguageModel, type LanguageModelParameters, scope, type Tensor } from "longspan";
import type { Windows } from "../data/windows.js";

/** A batch of windows on the device: int32 [batch, window length]. */
export function windowsTensor({ ids, count }: Windows, device: Device): Tensor<"int32"> {
	return intTensor(ids, [count, ids.length / count], device);
}

/** Tokens that are predicted in a batch of windows: all but the first of each. */
export function predictedTokens({ ids, count }: Windows): number {
	return ids.length - count;
}

/** Mean loss of the tokens of a batch of windows, in nats. */
export async function predictWindows(
	{ loss }: Pick<LanguageModel, "loss">,
	parameters: LanguageModelParameters,
	windows: Windows,
	device: Device,
): Promise<number> {
	const mean = scope(() => loss(parameters, windowsTensor(windows, device)));
	try {
		return await mean.item();
	} finally {
		mean.dispose();
	}
}
