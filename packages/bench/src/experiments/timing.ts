import type { Contestant } from "../contestant.js";
import { median } from "../timing.js";

/** Time of one call. */
export interface Timed {
	/** The median of the calls that count. */
	readonly milliseconds: number;
	/** How many count. */
	readonly calls: number;
}

export interface RoundOptions {
	/** Time each contestant may take, in seconds; one call is made whatever it takes. */
	readonly seconds: number;
	/** Most calls that count. Default: 9. */
	readonly rounds?: number;
	/** Called before each call. */
	readonly onCall?: (name: string, call: number) => void;
}

/**
 * Times contestants in turns, so that a drifting machine is the same for all, as the suites do; but calls may be so long that one of them must do. The first
 * call counts only where there is no time for a second.
 */
export async function timeRounds(
	contestants: readonly Contestant[],
	{ seconds, rounds = 9, onCall }: RoundOptions,
): Promise<Map<string, Timed>> {
	const entries = contestants.map((contestant) => ({ contestant, calls: [] as number[], spent: 0 }));
	for (let round = 0; round <= rounds; round++)
		for (const entry of entries) {
			const last = entry.calls.at(-1) ?? 0;
			if (round > 0 && (entry.calls.length < round || entry.spent + last > 1000 * seconds)) continue;
			onCall?.(entry.contestant.name, round);
			const start = performance.now();
			await entry.contestant.run();
			const taken = performance.now() - start;
			entry.calls.push(taken);
			entry.spent += taken;
		}
	return new Map(
		entries.map(({ contestant, calls }) => {
			const counting = calls.length > 1 ? calls.slice(1) : calls;
			return [contestant.name, { milliseconds: median(counting), calls: counting.length }];
		}),
	);
}
