import type { EncoderInputs } from "../pretrained/architecture.js";
import { intTensor } from "../tensor/create.js";
import type { Encoding } from "../text/tokenizer.js";
import { globalTokens, hasGlobalAttention } from "./global-attention.js";
import type { Reading } from "./reading.js";

/** Encodings as inputs of a model, padded at the end to the longest. Call it in a `scope`. */
export function modelInputs(reading: Reading, encodings: readonly Encoding[]): EncoderInputs {
	const { model, tokenizer, globalAttention } = reading;
	const length = encodings.reduce((longest, { ids }) => Math.max(longest, ids.length), 0);
	const rows = (padding: number, fill: (row: Int32Array, encoding: Encoding) => void) => {
		const values = new Int32Array(encodings.length * length).fill(padding);
		for (const [row, encoding] of encodings.entries())
			fill(values.subarray(row * length, row * length + encoding.ids.length), encoding);
		return intTensor(values, [encodings.length, length], model.device);
	};
	const padded = encodings.some(({ ids }) => ids.length < length);
	// Files of other models, such as BigBird's, have types of two texts, which Python's tokenizers of these models do not give.
	const givesTypes = tokenizer.givesTypeIds ?? model.modelType === "bert";
	const typed = givesTypes && encodings.some(({ typeIds }) => typeIds.some((type) => type !== 0));
	return {
		inputIds: rows(tokenizer.special.pad?.id ?? 0, (row, { ids }) => row.set(ids)),
		attentionMask: padded ? rows(0, (row) => row.fill(1)) : undefined,
		tokenTypeIds: typed ? rows(0, (row, { typeIds }) => row.set(typeIds)) : undefined,
		globalAttentionMask: hasGlobalAttention(model.modelType)
			? rows(0, (row, encoding) => row.fill(1, 0, globalTokens(globalAttention, encoding)))
			: undefined,
	};
}
