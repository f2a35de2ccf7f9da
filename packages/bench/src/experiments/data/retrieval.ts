import { UsageError } from "../../usage-error.js";
import { random } from "../random.js";

export interface RetrievalSizes {
	readonly batch: number;
	/** Tokens of a sequence. */
	readonly length: number;
	/** Pairs of a key and its value in a sequence. */
	readonly pairs: number;
	/** Different keys, and different values. */
	readonly keys: number;
	readonly values: number;
	/** No pair is nearer to the question than this: more than what a stack of windows reaches. */
	readonly distance: number;
	/** Where the question stands: at the start, for models that see both sides, or at the end, for causal ones. */
	readonly question: "first" | "last";
	readonly seed: number;
}

export interface Retrieval {
	/** Row-major [batch, length]. */
	readonly ids: Int32Array;
	/** The position at which the answer is to be given. */
	readonly position: number;
	/** The value that belongs to the key asked for, from 0 to below `values`; one for each sequence. */
	readonly answers: Int32Array;
}

/** Token ids: 0 is filler; then the keys, the same keys as questions, and the values. */
export function retrievalTokens({ keys, values }: Pick<RetrievalSizes, "keys" | "values">) {
	return { key: 1, question: 1 + keys, value: 1 + 2 * keys, vocabulary: 1 + 2 * keys + values };
}

/**
 * Key–value retrieval, or associative recall: pairs of a key and a value at random places among filler, and a question that names one of the keys, to
 * be answered with its value. All pairs are farther from the question than `distance`.
 *
 * @param index which batch; the same one is the same for a seed
 * @throws UsageError where there are fewer keys than pairs, or no room for the pairs
 */
export function retrievalBatch(sizes: RetrievalSizes, index: number): Retrieval {
	const { batch, length, pairs, keys, values, distance, question, seed } = sizes;
	if (pairs > keys) throw new UsageError(`pairs is ${pairs}; expected at most as many as keys, ${keys}`);
	// Pairs take two places each, at even offsets from the first allowed one.
	const places = Math.floor((length - distance) / 2);
	if (places < pairs)
		throw new UsageError(
			`distance is ${distance}; expected at most ${length - 2 * pairs}: ${pairs} pairs must fit in the rest`,
		);
	const tokens = retrievalTokens(sizes);
	const source = random(seed, index);
	const position = question === "first" ? 0 : length - 1;
	const ids = new Int32Array(batch * length);
	const answers = new Int32Array(batch);
	for (let entry = 0; entry < batch; entry++) {
		const row = ids.subarray(entry * length, (entry + 1) * length);
		const chosen = source.distinct(pairs, keys);
		const asked = source.below(pairs);
		source.distinct(pairs, places).forEach((place, pair) => {
			const at = question === "first" ? length - 2 * (place + 1) : 2 * place;
			const value = source.below(values);
			row[at] = tokens.key + (chosen[pair] as number);
			row[at + 1] = tokens.value + value;
			if (pair === asked) answers[entry] = value;
		});
		row[position] = tokens.question + (chosen[asked] as number);
	}
	return { ids, position, answers };
}
