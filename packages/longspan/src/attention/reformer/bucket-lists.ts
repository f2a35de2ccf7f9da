/** The tokens of one round by bucket, as they arrive: in each bucket in order of position, without ever sorting. */
export class BucketLists {
	readonly #lists: number[][];
	#length = 0;

	constructor(buckets: number) {
		this.#lists = Array.from({ length: buckets }, () => []);
	}

	/** Number of tokens. */
	get length(): number {
		return this.#length;
	}

	/** Adds a token whose position is after those of all before it. */
	add(bucket: number, position: number): void {
		(this.#lists[bucket] as number[]).push(position);
		this.#length++;
	}

	/** The slots of a bucket in the order of (bucket, position), end exclusive. */
	slotsOf(bucket: number): { readonly first: number; readonly end: number } {
		let first = 0;
		for (let before = 0; before < bucket; before++) first += (this.#lists[before] as number[]).length;
		return { first, end: first + (this.#lists[bucket] as number[]).length };
	}

	/** Calls `visit` with the positions in the slots from .. until - 1. */
	forEachIn(from: number, until: number, visit: (position: number) => void): void {
		let first = 0;
		for (const list of this.#lists) {
			const end = first + list.length;
			for (let slot = Math.max(first, from); slot < Math.min(end, until); slot++) visit(list[slot - first] as number);
			if ((first = end) >= until) return;
		}
	}
}
