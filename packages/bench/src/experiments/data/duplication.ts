import { UsageError } from "../../usage-error.js";
import { random } from "../random.js";

/** Token ids of the task: 0 and the symbols. */
export const duplicationVocabulary = 128;

export interface Duplication {
	/** Row-major [batch, length]. */
	readonly ids: Int32Array;
	/** Where the second w starts, whose tokens follow from those before. */
	readonly firstTarget: number;
}

/**
 * Reformer's duplication task (Kitaev et al. 2020, section 5): 0w0w, with w of symbols from 1 to 127. A model that predicts the next token can know
 * the second w only by looking half the sequence back.
 *
 * @param index which batch; the same one is the same for a seed
 * @throws UsageError for a length that is odd or below 4
 */
export function duplicationBatch(
	{ batch, length, seed }: { batch: number; length: number; seed: number },
	index: number,
): Duplication {
	if (length < 4 || length % 2 !== 0)
		throw new UsageError(`length is ${length}; expected an even number of at least 4`);
	const source = random(seed, index);
	const half = length / 2;
	const ids = new Int32Array(batch * length);
	for (let start = 0; start < ids.length; start += length)
		for (let at = 1; at < half; at++) {
			const symbol = 1 + source.below(duplicationVocabulary - 1);
			ids[start + at] = symbol;
			ids[start + half + at] = symbol;
		}
	return { ids, firstTarget: half + 1 };
}
