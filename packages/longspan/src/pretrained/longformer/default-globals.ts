import { OptionError } from "../../errors.js";
import { intTensor } from "../../tensor/create.js";
import type { EncoderInputs } from "../architecture.js";

/** Global attention of the first token where none is asked for, as for classes of a text. */
export function withGlobalFirstToken(inputs: EncoderInputs): EncoderInputs {
	return withGlobals(inputs, () => (position) => position === 0);
}

/**
 * Global attention of the tokens before the first separator where none is asked for: the question of
 * `<s> question </s></s> context </s>`.
 */
export function withGlobalQuestion(separatorId: number) {
	return (inputs: EncoderInputs): EncoderInputs =>
		withGlobals(inputs, (ids) => {
			const end = firstSeparator(ids, separatorId);
			return (position) => position < end;
		});
}

/** Global attention of what follows the first two separators where none is asked for: the choice of a question. */
export function withGlobalChoice(separatorId: number) {
	return (inputs: EncoderInputs): EncoderInputs =>
		withGlobals(inputs, (ids) => {
			const end = firstSeparator(ids, separatorId);
			return (position) => position > end + 1;
		});
}

/** @param choose which positions of a text are global */
function withGlobals(inputs: EncoderInputs, choose: (ids: Int32Array) => (position: number) => boolean): EncoderInputs {
	const { inputIds, globalAttentionMask } = inputs;
	// Inputs of another form are refused by the encoder.
	if (globalAttentionMask || inputIds?.rank !== 2) return inputs;
	const [batch, length] = inputIds.shape as [number, number];
	const ids = inputIds.dataSync();
	const marks = new Int32Array(ids.length);
	for (let entry = 0; entry < batch; entry++) {
		const isGlobal = choose(ids.subarray(entry * length, (entry + 1) * length));
		for (let position = 0; position < length; position++) marks[entry * length + position] = Number(isGlobal(position));
	}
	return { ...inputs, globalAttentionMask: intTensor(marks, inputIds.shape, inputIds.device) };
}

function firstSeparator(ids: Int32Array, separatorId: number): number {
	const at = ids.indexOf(separatorId);
	if (at < 0)
		throw new OptionError(
			`longformer: inputIds has a text without the separator, ${separatorId}, that ends the question; give globalAttentionMask to say which tokens are global`,
		);
	return at;
}
