import { OptionError } from "../errors.js";
import { checkFunction, checkNumber, checkObject, checkOptions, describe, type OptionNames } from "../ops/operands.js";
import type { Tensor } from "../tensor/tensor.js";
import type { TensorTree } from "../tensor/tree.js";
import type { LossOptions } from "./accumulate.js";
import type { MovingAverageOptions } from "./moving-average.js";
import { leavesOf } from "./named-tensors.js";
import type { Optimizer } from "./optimizer.js";
import type { Schedule } from "./schedules.js";

export interface TrainerOptions<P extends TensorTree, B> {
	/** Initial weights. The trainer takes them over: it frees them with the first step. */
	parameters: P;
	/**
	 * The loss of a batch, a scalar: the mean over its targets. Every random choice must come from `random`, so that a resumed run makes
	 * the same ones.
	 */
	loss: (parameters: P, batch: B, options: LossOptions) => Tensor;
	/** Taken over, too. */
	optimizer: Optimizer;
	/** Learning rate of a step, counted from 1. Default: that of the optimiser. */
	schedule?: Schedule;
	/** Largest norm of the whole gradient; longer ones are scaled down. Default: no limit. */
	clipNorm?: number;
	/** Batches of a step, whose gradients are averaged. Default: 1. */
	accumulate?: number;
	/**
	 * Weight of a batch in the mean of those of a step, above 0. The number of its targets makes a step equal to one large batch where
	 * batches differ in it. Default: all count alike.
	 */
	weight?: (batch: B) => number;
	/** Averages the weights over the steps. Default: no average. */
	movingAverage?: MovingAverageOptions;
	/**
	 * Stops where the loss is more than this many times its running mean over some 20 steps (or a tenth of the first loss, if the mean
	 * is below that). At least 1; 3 is far from the noise of common batches. Default: only a loss that is not finite stops.
	 */
	explosion?: number;
	/** Seed of the random numbers of the loss. Default: 0. */
	seed?: number;
}

const optionNames: OptionNames<TrainerOptions<TensorTree, unknown>> = {
	parameters: true,
	loss: true,
	optimizer: true,
	schedule: true,
	clipNorm: true,
	accumulate: true,
	weight: true,
	movingAverage: true,
	explosion: true,
	seed: true,
};

const name = "createTrainer";

/** Checks options, but those of the moving average, which checks its own, and fills in defaults. */
export function trainerSettings<P extends TensorTree, B>(options: TrainerOptions<P, B>) {
	checkOptions(name, options, optionNames);
	const { parameters, loss, optimizer, schedule, clipNorm, movingAverage, explosion } = options;
	const { accumulate = 1, weight = () => 1, seed = 0 } = options;
	checkObject(name, "parameters", parameters);
	leavesOf(name, parameters);
	checkFunction(name, "loss", loss);
	if (typeof optimizer?.step !== "function")
		throw new OptionError(`${name}: optimizer is ${describe(optimizer)}; expected one, such as adamW()`);
	if (schedule !== undefined) checkFunction(name, "schedule", schedule);
	checkFunction(name, "weight", weight);
	if (clipNorm !== undefined) checkNumber(name, "clipNorm", clipNorm, { min: Number.MIN_VALUE });
	checkNumber(name, "accumulate", accumulate, { min: 1, integer: true });
	if (explosion !== undefined) checkNumber(name, "explosion", explosion, { min: 1 });
	checkNumber(name, "seed", seed, { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true });
	return { parameters, loss, optimizer, schedule, clipNorm, accumulate, weight, movingAverage, explosion, seed };
}
