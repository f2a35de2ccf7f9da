/** One line of a suite's table of times. */
export interface Measurement {
	readonly name: string;
	/** Median time of one call. */
	readonly milliseconds?: number;
	/** Median time of all threads together. */
	readonly processorMilliseconds?: number;
	/** Nominal operations, the same for all contestants of a comparison, per time. */
	readonly gigaflops?: number;
	readonly bytes?: number;
	/** Largest difference from our result on a small problem, relative to the largest element. */
	readonly difference?: number;
	/** Why there is no time. */
	readonly failure?: string;
}

/** A value to reach. */
export interface Target {
	readonly relation: "at least" | "at most";
	readonly value: number;
}

/** A number that answers a question of the suite. */
export interface Figure {
	/** What the value is, with its unit. */
	readonly meaning: string;
	readonly value: number;
	/** Absent where nothing is promised. */
	readonly target?: Target;
	/** Present with a target. */
	readonly met?: boolean;
}

export interface SuiteReport {
	readonly title: string;
	readonly measurements: readonly Measurement[];
	readonly figures: readonly Figure[];
	/** What is not comparable, and what was left out. */
	readonly notes: readonly string[];
}

export const atLeast = (value: number): Target => ({ relation: "at least", value });
export const atMost = (value: number): Target => ({ relation: "at most", value });

export function figure(meaning: string, value: number, target?: Target): Figure {
	if (!target) return { meaning, value };
	return {
		meaning,
		value,
		target,
		met: target.relation === "at least" ? value >= target.value : value <= target.value,
	};
}
