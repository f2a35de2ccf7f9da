/** Random integers, the same for the same seed. */
export interface Random {
	/** From 0 to below `limit`, all as likely. */
	below(limit: number): number;
	/** Whether an event of this probability happens. */
	chance(probability: number): boolean;
	/** `count` different integers from 0 to below `limit`, in random order. */
	distinct(count: number, limit: number): number[];
}

/** The generator sfc32 (Doty-Humphrey, PractRand), started from `seed` and `stream`. */
export function random(seed: number, stream = 0): Random {
	let [a, b, c, counter] = [seed | 0, Math.floor(seed / 2 ** 32) | 0, stream | 0, 1];
	const word = (): number => {
		const out = (a + b + counter) | 0;
		counter = (counter + 1) | 0;
		a = b ^ (b >>> 9);
		b = (c + (c << 3)) | 0;
		c = ((c << 21) | (c >>> 11)) + out;
		return out >>> 0;
	};
	// The first words of neighbouring seeds are alike.
	for (let at = 0; at < 12; at++) word();
	const unit = () => word() / 2 ** 32;
	const below = (limit: number) => Math.floor(unit() * limit);
	return {
		below,
		chance: (probability) => unit() < probability,
		distinct(count, limit) {
			const taken = new Set<number>();
			// Floyd's way: as many draws as numbers.
			for (let last = limit - count; last < limit; last++) {
				const drawn = below(last + 1);
				taken.add(taken.has(drawn) ? last : drawn);
			}
			const numbers = [...taken];
			for (let at = numbers.length - 1; at > 0; at--) {
				const other = below(at + 1);
				[numbers[at], numbers[other]] = [numbers[other] as number, numbers[at] as number];
			}
			return numbers;
		},
	};
}
