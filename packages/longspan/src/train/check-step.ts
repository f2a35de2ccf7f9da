import { TrainingError } from "../errors.js";
import { explosionLimit, type LossRecord } from "./loss-record.js";

export interface StepResult {
	/** Counted from 1. */
	readonly step: number;
	/** Mean over the batches, before the step. */
	readonly loss: number;
	/** Before clipping. */
	readonly gradientNorm: number;
	readonly learningRate: number;
}

/**
 * Throws `TrainingError` unless a step may be applied.
 *
 * @param losses of the steps before
 */
export function checkStep(
	{ step, loss, gradientNorm, learningRate }: StepResult,
	losses: LossRecord | null,
	{ explosion, clipNorm }: { explosion: number | undefined; clipNorm: number | undefined },
): void {
	const limit = explosion !== undefined && losses ? explosionLimit(losses, explosion) : Number.POSITIVE_INFINITY;
	const reason = !Number.isFinite(loss)
		? `the loss is ${loss}`
		: !Number.isFinite(gradientNorm)
			? `the norm of the gradient is ${gradientNorm} at a loss of ${loss}`
			: loss > limit
				? `the loss is ${loss}, above the limit of ${limit} after a running mean of ${losses?.mean}`
				: null;
	if (reason === null) return;
	const clipping = clipNorm === undefined ? "clipping (clipNorm: 1)" : `a clipNorm below ${clipNorm}`;
	throw new TrainingError(
		`trainer.step: step ${step} was not applied: ${reason}; try a learning rate below ${learningRate}, ${clipping} or a longer warm-up`,
		step,
		loss,
		gradientNorm,
	);
}
