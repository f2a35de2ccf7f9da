/** Which positions take the coming step, 1 or 0 each. */
export interface HaltingDecision {
	/** Run, and go on after it. */
	readonly still: Int32Array;
	/** Run, and halt with it. */
	readonly halts: Int32Array;
	/** Either of the two. */
	readonly runs: Int32Array;
}

/** Decides on the host, for each position by itself, when it halts. */
export class HaltingClock {
	/** Steps each position has taken. */
	readonly updates: Int32Array;
	#running: Int32Array;
	readonly #total: Float64Array;

	/**
	 * @param present 1 for positions that start to run, 0 for padding
	 * @param threshold a position halts with the step that takes the sum of its probabilities above
	 */
	constructor(
		present: Int32Array,
		readonly threshold: number,
	) {
		this.updates = new Int32Array(present.length);
		this.#running = present;
		this.#total = new Float64Array(present.length);
	}

	/** Whether a position has not halted yet. */
	get anyRuns(): boolean {
		return this.#running.includes(1);
	}

	/** @param haltAll whether this step is the last of every position */
	decide(probabilities: ArrayLike<number>, haltAll: boolean): HaltingDecision {
		const runs = this.#running;
		const still = new Int32Array(runs.length);
		const halts = new Int32Array(runs.length);
		runs.forEach((running, at) => {
			if (!running) return;
			this.updates[at] = (this.updates[at] as number) + 1;
			const total = (this.#total[at] as number) + (probabilities[at] as number);
			if (haltAll || total > this.threshold) halts[at] = 1;
			else {
				still[at] = 1;
				this.#total[at] = total;
			}
		});
		this.#running = still;
		return { still, halts, runs };
	}
}
