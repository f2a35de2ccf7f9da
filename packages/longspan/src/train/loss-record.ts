/** What is remembered of the losses of the steps so far. */
export interface LossRecord {
	readonly steps: number;
	/** Loss of the first step. */
	readonly first: number;
	/** Running mean. */
	readonly mean: number;
}

/** Steps the running mean looks back on: the mean of all at first, then an exponential one. */
const span = 20;
/** Part of the first loss below which losses are not told apart. */
const floorShare = 0.1;

/** The record after a step. `record`: null before the first. */
export function addLoss(record: LossRecord | null, loss: number): LossRecord {
	if (!record) return { steps: 1, first: loss, mean: loss };
	const steps = record.steps + 1;
	return { steps, first: record.first, mean: record.mean + (loss - record.mean) / Math.min(steps, span) };
}

/**
 * The loss above which training has exploded: `factor` times the running mean. A loss near 0 varies by multiples without harm, so the
 * mean counts as a tenth of the first loss at least; that of a loss below 0 counts by its size.
 */
export function explosionLimit({ first, mean }: LossRecord, factor: number): number {
	return mean + (factor - 1) * Math.max(Math.abs(mean), floorShare * Math.abs(first));
}
