/** A map from pairs of whole numbers from 0 to below 2^31 to such numbers; a tenth of the memory of a Map. */
export class PairTable {
	#size = 0;
	#mask: number;
	#lefts: Int32Array;
	#rights: Int32Array;
	/** -1: free. */
	#values: Int32Array;

	/** @param expected about how many pairs there will be */
	constructor(expected = 8) {
		const capacity = 2 ** Math.ceil(Math.log2(2 * Math.max(expected, 8)));
		this.#mask = capacity - 1;
		this.#lefts = new Int32Array(capacity);
		this.#rights = new Int32Array(capacity);
		this.#values = new Int32Array(capacity).fill(-1);
	}

	/** The value of a pair; -1 if it has none. */
	get(left: number, right: number): number {
		return this.#values[this.#slot(left, right)] as number;
	}

	set(left: number, right: number, value: number): void {
		const slot = this.#slot(left, right);
		if (this.#values[slot] === -1) this.#size++;
		this.#lefts[slot] = left;
		this.#rights[slot] = right;
		this.#values[slot] = value;
		if (2 * this.#size > this.#values.length) this.#grow();
	}

	#slot(left: number, right: number): number {
		let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right + 1, 0x85ebca6b);
		hash ^= hash >>> 15;
		let slot = Math.imul(hash, 0x2c1b3c6d) & this.#mask;
		while (this.#values[slot] !== -1 && !(this.#lefts[slot] === left && this.#rights[slot] === right))
			slot = (slot + 1) & this.#mask;
		return slot;
	}

	#grow(): void {
		const [lefts, rights, values] = [this.#lefts, this.#rights, this.#values];
		const capacity = 2 * values.length;
		this.#mask = capacity - 1;
		this.#lefts = new Int32Array(capacity);
		this.#rights = new Int32Array(capacity);
		this.#values = new Int32Array(capacity).fill(-1);
		for (let index = 0; index < values.length; index++)
			if (values[index] !== -1) {
				const slot = this.#slot(lefts[index] as number, rights[index] as number);
				this.#lefts[slot] = lefts[index] as number;
				this.#rights[slot] = rights[index] as number;
				this.#values[slot] = values[index] as number;
			}
	}
}
