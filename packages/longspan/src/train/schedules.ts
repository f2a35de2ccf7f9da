import { OptionError } from "../errors.js";
import { checkNumber, checkOptions, type OptionNames } from "../ops/operands.js";

/** Learning rate of a step, counted from 1. */
export type Schedule = (step: number) => number;

export interface WarmUpOptions {
	/** Learning rate at the end of the warm-up. */
	peak: number;
	/** Steps over which the rate rises evenly to its peak; need not be whole. Default: 0. */
	warmUpSteps?: number;
}

export interface AnnealingOptions extends WarmUpOptions {
	/** Steps until the rate has fallen to its end, the warm-up included. */
	totalSteps: number;
	/** Part of the peak that is left at the end and after it. Default: 0.1. */
	finalShare?: number;
}

const warmUpNames: OptionNames<WarmUpOptions> = { peak: true, warmUpSteps: true };

/** The peak after the warm-up. */
export function constant(options: WarmUpOptions): Schedule {
	checkOptions("constant", options, warmUpNames);
	return afterWarmUp("constant", options, () => 1);
}

/**
 * Falls with the inverse square root of the step (Vaswani et al. 2017, arXiv 1706.03762, eq. 3): peak × sqrt(warmUpSteps / step). The paper's
 * peak is 1 / sqrt(dim × warmUpSteps). Without a warm-up, as if it had been 1 step.
 */
export function inverseRoot(options: WarmUpOptions): Schedule {
	checkOptions("inverseRoot", options, warmUpNames);
	const { warmUpSteps = 0 } = options;
	return afterWarmUp("inverseRoot", options, (step) => Math.sqrt(Math.max(1, warmUpSteps) / step));
}

/** Falls evenly to `finalShare`. */
export function linear(options: AnnealingOptions): Schedule {
	return annealed("linear", options, (part) => 1 - part);
}

/** Falls along half a cosine to `finalShare` (Loshchilov & Hutter 2017, arXiv 1608.03983, eq. 5, without restarts). */
export function cosine(options: AnnealingOptions): Schedule {
	return annealed("cosine", options, (part) => (1 + Math.cos(Math.PI * part)) / 2);
}

/** `share`: the part of the peak at a step after the warm-up. */
function afterWarmUp(
	name: string,
	{ peak, warmUpSteps = 0 }: WarmUpOptions,
	share: (step: number) => number,
): Schedule {
	checkNumber(name, "peak", peak, { min: 0 });
	checkNumber(name, "warmUpSteps", warmUpSteps, { min: 0 });
	return (step) => {
		checkNumber(name, "step", step, { min: 1 });
		return step <= warmUpSteps ? (peak * step) / warmUpSteps : peak * share(step);
	};
}

/** `fall`: from 1 to 0 over the part of the steps after the warm-up that is done. */
function annealed(name: string, options: AnnealingOptions, fall: (part: number) => number): Schedule {
	checkOptions(name, options, { ...warmUpNames, totalSteps: true, finalShare: true });
	const { totalSteps, finalShare = 0.1, ...warmUp } = options;
	const { warmUpSteps = 0 } = warmUp;
	checkNumber(name, "totalSteps", totalSteps, { min: 1 });
	checkNumber(name, "finalShare", finalShare, { min: 0, max: 1 });
	const schedule = afterWarmUp(name, warmUp, (step) => {
		const part = Math.min(1, (step - warmUpSteps) / (totalSteps - warmUpSteps));
		return finalShare + (1 - finalShare) * fall(part);
	});
	if (warmUpSteps > totalSteps)
		throw new OptionError(`${name}: warmUpSteps is ${warmUpSteps}; expected at most totalSteps, ${totalSteps}`);
	return schedule;
}
