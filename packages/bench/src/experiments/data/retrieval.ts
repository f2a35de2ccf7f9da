import { UsageError } from "../../usage-error.js";
import { random } from "../random.js";

export interface RetrievalSizes {
	readonly batch: number;
	/** Tokens of a sequence. */
	readonly length: number;
	/** Different keys. */
	readonly keys: number;
	/** Different values. */
	readonly values: number;
	/** Tokens of the passage that tells the values, a multiple of `keys`. */
	readonly passage: number;
	readonly seed: number;
}

export interface Retrieval {
	/** Row-major [batch, length]: a key alone, below `keys`, or a key with its value, keys · (1 + value) + key. */
	readonly ids: Int32Array;
	/** The value of each key that stands alone; -100 within the passage. As `ids`. */
	readonly targets: Int32Array;
	/** How far each token is from the passage; 0 within it. As `ids`. */
	readonly distances: Int32Array;
}

export const ignored = -100;

/**
 * Key–value retrieval, or associative recall: a sequence of random keys, and somewhere among them a passage that gives each key its value, the
 * same number of times and in random order. Every key outside of the passage asks for its value, which is drawn anew for each sequence. A sequence begins with
 * each key once.
 *
 * @param index which batch; the same one is the same for a seed
 * @throws UsageError where the passage does not fit, or is no multiple of the keys
 */
export function retrievalBatch(
	{ batch, length, keys, values, passage, seed }: RetrievalSizes,
	index: number,
): Retrieval {
	if (passage % keys !== 0) throw new UsageError(`passage is ${passage}; expected a multiple of keys, ${keys}`);
	const places = length - keys - passage + 1;
	if (places < 1)
		throw new UsageError(`length is ${length}; expected at least ${keys + passage}, for the keys and the passage`);
	const source = random(seed, index);
	const ids = new Int32Array(batch * length);
	const targets = new Int32Array(batch * length).fill(ignored);
	const distances = new Int32Array(batch * length);
	for (let entry = 0; entry < batch; entry++) {
		const valueByKey = Array.from({ length: keys }, () => source.below(values));
		const start = keys + source.below(places);
		const end = start + passage;
		const order = source.distinct(passage, passage);
		for (let at = 0; at < length; at++) {
			const inside = at >= start && at < end;
			const key = inside ? (order[at - start] as number) % keys : at < keys ? at : source.below(keys);
			const place = entry * length + at;
			ids[place] = inside ? keys * (1 + (valueByKey[key] as number)) + key : key;
			if (!inside) targets[place] = valueByKey[key] as number;
			distances[place] = Math.max(0, start - at, at - end + 1);
		}
	}
	return { ids, targets, distances };
}
