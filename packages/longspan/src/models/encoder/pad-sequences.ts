import { OptionError } from "../../errors.js";
import { checkList, checkNumber, checkOptions } from "../../ops/operands.js";
import { intTensor } from "../../tensor/create.js";
import { currentDevice, type Device } from "../../tensor/device.js";
import type { Tensor } from "../../tensor/tensor.js";

export interface PadOptions {
	/** Stands behind sequences that are shorter than others; no model sees it. Default: 0. */
	padId?: number;
	/** Length they are padded to. Default: that of the longest. */
	length?: number;
}

/** Sequences of mixed lengths side by side. */
export interface PaddedSequences {
	/** int32 [batch, length] */
	readonly ids: Tensor<"int32">;
	/** 1 for tokens, 0 for padding, int32 [batch, length]; undefined if nothing was padded. */
	readonly keyMask: Tensor<"int32"> | undefined;
	/** Number of tokens of each sequence. */
	readonly lengths: readonly number[];
}

const name = "padSequences";
const int32 = { min: -(2 ** 31), max: 2 ** 31 - 1, integer: true };

/**
 * Sequences of token ids as one tensor, with padding behind the shorter ones.
 *
 * @throws OptionError for no sequences, empty ones, or ones longer than `length`
 * @example
 * const { ids, keyMask } = padSequences([[5, 6, 7], [8]]); // ids [[5, 6, 7], [8, 0, 0]]
 */
export function padSequences(
	sequences: readonly ArrayLike<number>[],
	options: PadOptions = {},
	device: Device = currentDevice(),
): PaddedSequences {
	checkOptions(name, options, { padId: true, length: true });
	const { padId = 0, length: given } = options;
	checkList(name, "sequences", sequences, "sequences");
	sequences.forEach((sequence, index) => {
		checkList(name, `sequence ${index}`, sequence, "ids");
	});
	const lengths = sequences.map((sequence) => sequence.length);
	const batch = lengths.length;
	if (batch === 0) throw new OptionError(`${name}: there are no sequences; expected at least one`);
	const length = given ?? lengths.reduce((a, b) => Math.max(a, b));
	checkNumber(name, "length", length, { min: 1, integer: true });
	checkNumber(name, "padId", padId, int32);
	const ids = new Int32Array(batch * length).fill(padId);
	const mask = new Int32Array(batch * length);
	sequences.forEach((sequence, index) => {
		const own = sequence.length;
		if (own < 1 || own > length)
			throw new OptionError(
				`${name}: sequence ${index} has ${own} tokens; expected 1 to ${length}${own > length ? ": cut it, or pad to a greater length" : ""}`,
			);
		const argument = `sequence ${index}`;
		for (let at = 0; at < own; at++) checkNumber(name, argument, sequence[at] as number, int32);
		ids.set(sequence, index * length);
		mask.fill(1, index * length, index * length + own);
	});
	const padded = lengths.some((own) => own < length);
	return {
		ids: intTensor(ids, [batch, length], device),
		keyMask: padded ? intTensor(mask, [batch, length], device) : undefined,
		lengths,
	};
}
