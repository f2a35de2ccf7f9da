/** Indices of values, the largest value first, of equal ones the lower index: a heap, so that taking a few of many sorts only these. */
export class LargestFirst {
	readonly #values: Float64Array;
	readonly #heap: Int32Array;
	#size = 0;

	/**
	 * @param values must not change while they are taken
	 * @param above takes only values above it
	 */
	constructor(values: Float64Array, above = Number.NEGATIVE_INFINITY) {
		this.#values = values;
		this.#heap = new Int32Array(values.length);
		for (let index = 0; index < values.length; index++)
			if ((values[index] as number) > above) this.#heap[this.#size++] = index;
		for (let node = (this.#size >>> 1) - 1; node >= 0; node--) this.#sink(node);
	}

	/** The next index; undefined when all are taken. */
	take(): number | undefined {
		if (this.#size === 0) return undefined;
		const top = this.#heap[0] as number;
		this.#heap[0] = this.#heap[--this.#size] as number;
		this.#sink(0);
		return top;
	}

	#sink(start: number): void {
		const heap = this.#heap;
		const values = this.#values;
		const size = this.#size;
		const index = heap[start] as number;
		const value = values[index] as number;
		let node = start;
		for (let child = 2 * node + 1; child < size; child = 2 * node + 1) {
			let best = heap[child] as number;
			let largest = values[best] as number;
			if (child + 1 < size) {
				const other = heap[child + 1] as number;
				const otherValue = values[other] as number;
				if (otherValue > largest || (otherValue === largest && other < best)) {
					best = other;
					largest = otherValue;
					child++;
				}
			}
			if (!(largest > value || (largest === value && best < index))) break;
			heap[node] = best;
			node = child;
		}
		heap[node] = index;
	}
}
