/**
 * The Mersenne Twister MT19937 (Matsumoto & Nishimura 1998) with the seeding and the ways of drawing of NumPy's `RandomState`, so
 * that tables drawn by released code can be drawn again.
 */
export class MersenneTwister {
	readonly #state = new Uint32Array(624);
	#at = 624;

	/** @param seed 0 to 2^32 - 1 */
	constructor(seed: number) {
		const state = this.#state;
		state[0] = seed;
		for (let i = 1; i < 624; i++) {
			const before = state[i - 1] as number;
			state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i;
		}
	}

	/** The next 32 bits, 0 to 2^32 - 1. */
	next(): number {
		if (this.#at === 624) this.#renew();
		let word = this.#state[this.#at++] as number;
		word ^= word >>> 11;
		word ^= (word << 7) & 0x9d2c5680;
		word ^= (word << 15) & 0xefc60000;
		return (word ^ (word >>> 18)) >>> 0;
	}

	/** A whole number from 0 to `max` (at most 2^32 - 1), each with the same probability. Draws nothing if `max` is 0. */
	upTo(max: number): number {
		if (max === 0) return 0;
		const mask = 2 ** (32 - Math.clz32(max)) - 1;
		for (;;) {
			const drawn = (this.next() & mask) >>> 0;
			if (drawn <= max) return drawn;
		}
	}

	/** The values in random order. */
	permutation(values: readonly number[]): number[] {
		const list = [...values];
		for (let i = list.length - 1; i >= 1; i--) {
			const j = this.upTo(i);
			[list[i], list[j]] = [list[j] as number, list[i] as number];
		}
		return list;
	}

	#renew(): void {
		const state = this.#state;
		for (let i = 0; i < 624; i++) {
			const joined = ((state[i] as number) & 0x80000000) | ((state[(i + 1) % 624] as number) & 0x7fffffff);
			const twisted = (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
			state[i] = (state[(i + 397) % 624] as number) ^ twisted;
		}
		this.#at = 0;
	}
}
