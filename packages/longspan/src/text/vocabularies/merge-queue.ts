/** Pairs that may be joined, the lowest rank first, of equal ones the leftmost: a binary heap. */
export class MergeQueue {
	/** A rank and an index each, in one number. */
	#keys: Float64Array;
	#size = 0;
	readonly #stride: number;
	/** What `pop` took. */
	rank = 0;
	index = 0;

	/** @param count above every index */
	constructor(count: number) {
		this.#stride = count;
		this.#keys = new Float64Array(Math.max(count, 4));
	}

	push(rank: number, index: number): void {
		if (this.#size === this.#keys.length) {
			const larger = new Float64Array(2 * this.#size);
			larger.set(this.#keys);
			this.#keys = larger;
		}
		const keys = this.#keys;
		const key = rank * this.#stride + index;
		let at = this.#size++;
		while (at > 0) {
			const parent = (at - 1) >> 1;
			const above = keys[parent] as number;
			if (above <= key) break;
			keys[at] = above;
			at = parent;
		}
		keys[at] = key;
	}

	/** Takes the first pair as `rank` and `index`; false if there is none. */
	pop(): boolean {
		if (this.#size === 0) return false;
		const keys = this.#keys;
		const first = keys[0] as number;
		this.rank = Math.floor(first / this.#stride);
		this.index = first % this.#stride;
		const size = --this.#size;
		const key = keys[size] as number;
		let at = 0;
		for (let child = 1; child < size; child = 2 * at + 1) {
			if (child + 1 < size && (keys[child + 1] as number) < (keys[child] as number)) child++;
			if ((keys[child] as number) >= key) break;
			keys[at] = keys[child] as number;
			at = child;
		}
		keys[at] = key;
		return true;
	}
}
