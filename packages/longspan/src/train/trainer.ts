import { valueAndGrad } from "../autograd/grad.js";
import { DisposedError, OptionError } from "../errors.js";
import { checkList, checkNumber, checkObject } from "../ops/operands.js";
import { keep, scope } from "../tensor/scope.js";
import { type TensorTree, treeTensors } from "../tensor/tree.js";
import { accumulatedGradient, partsOf } from "./accumulate.js";
import { checkStep, type StepResult } from "./check-step.js";
import { clipGradient, gradientNorm } from "./clip.js";
import { addLoss, type LossRecord } from "./loss-record.js";
import { type MovingAverageState, movingAverage } from "./moving-average.js";
import type { OptimizerState } from "./optimizer.js";
import { type TrainerOptions, trainerSettings } from "./trainer-options.js";

/** All that a resumed run needs beside the weights. Free its tensors when they are saved: `treeTensors(state)`. */
export interface TrainerState {
	/** Its `steps` are those of the trainer. */
	readonly optimizer: OptimizerState;
	/** Null without a moving average. */
	readonly movingAverage: MovingAverageState | null;
	/** Null before the first step. */
	readonly loss: LossRecord | null;
}

/** Trains the weights of a model, step by step. */
export interface Trainer<P extends TensorTree, B> {
	/** Steps taken. */
	readonly steps: number;
	/** The weights, until the next step frees them. */
	readonly parameters: P;
	/** Their moving average, until the next step; null without one and before the first step. */
	readonly average: P | null;
	/**
	 * One step: the gradient of the mean loss of the batches, clipping, the optimiser, the moving average. The batches stay the caller's.
	 *
	 * @param batches `accumulate` of them
	 * @throws TrainingError if loss or gradient are not finite or the loss exploded; the weights and all states are as before
	 */
	step(batches: readonly B[]): Promise<StepResult>;
	/** Snapshot after the last step. Later steps do not change it. */
	state(): TrainerState;
	/**
	 * Goes on from a state, as if never interrupted: bit for bit, given the weights of that moment and the same device. The state
	 * stays the caller's.
	 *
	 * @throws OptionError if it is the state of other parameters or another optimiser; nothing is changed
	 */
	restore(state: TrainerState): void;
	/** Frees the weights, their average and the optimiser's tensors. */
	dispose(): void;
}

/**
 * A training loop's step, with gradient accumulation, clipping, a schedule and checks of the loss.
 *
 * @throws OptionError for options outside their range
 *
 * @example
 * const trainer = createTrainer({
 * 	parameters: model.parameters,
 * 	loss: model.loss,
 * 	optimizer: adamW(),
 * 	schedule: schedules.cosine({ peak: 3e-3, warmUpSteps: 100, totalSteps: 2000 }),
 * 	clipNorm: 1,
 * });
 * for (const batch of batches) console.log(await trainer.step([batch]));
 */
export function createTrainer<P extends TensorTree, B>(options: TrainerOptions<P, B>): Trainer<P, B> {
	const {
		parameters: initial,
		loss,
		optimizer,
		schedule,
		clipNorm,
		accumulate,
		weight,
		movingAverage: averaging,
		explosion,
		seed,
	} = trainerSettings(options);
	let average = averaging ? movingAverage<P>(averaging) : null;
	const lossAndGradient = valueAndGrad(loss);
	let parameters = keep(initial);
	let losses: LossRecord | null = null;
	let running = false;
	let disposed = false;

	const takeStep = async (batches: readonly B[]): Promise<StepResult> => {
		const step = optimizer.steps + 1;
		checkList("trainer.step", "batches", batches, "batches");
		if (batches.length !== accumulate)
			throw new OptionError(
				`trainer.step: batches has ${batches.length} batches; expected ${accumulate}, as told by accumulate`,
			);
		const parts = partsOf(batches, weight, { seed, step });
		const learningRate = schedule ? schedule(step) : optimizer.learningRateAt(step);
		checkNumber("trainer.step", "learningRate", learningRate, { min: 0 });
		const made = keep(
			scope(() => {
				const result = accumulatedGradient(lossAndGradient, parameters, parts);
				return { ...result, norm: gradientNorm(result.gradient) };
			}),
		);
		let { gradient } = made;
		try {
			const [lossValue, normValue] = await Promise.all([made.loss.item(), made.norm.item()]);
			if (disposed) throw new DisposedError("trainer.step: the trainer was disposed before the step ended");
			const told = { step, loss: lossValue, gradientNorm: normValue, learningRate };
			checkStep(told, losses, { explosion, clipNorm });
			if (clipNorm !== undefined && normValue > clipNorm)
				gradient = keep(clipGradient(gradient, clipNorm, made.norm).gradient);
			parameters = optimizer.step(parameters, gradient, learningRate);
			average?.update(parameters);
			losses = addLoss(losses, lossValue);
			return told;
		} finally {
			for (const tensor of treeTensors([made, gradient])) tensor.dispose();
		}
	};

	return {
		get steps() {
			return optimizer.steps;
		},
		get parameters() {
			return parameters;
		},
		get average() {
			return average?.parameters ?? null;
		},
		async step(batches) {
			if (disposed) throw new DisposedError("trainer.step: the trainer was disposed");
			if (running) throw new OptionError("trainer.step: the step before has not ended; await it first");
			running = true;
			try {
				return await takeStep(batches);
			} finally {
				running = false;
			}
		},
		state: () => ({ optimizer: optimizer.state(), movingAverage: average?.state() ?? null, loss: losses }),
		restore(state) {
			if (running) throw new OptionError("trainer.restore: a step has not ended; await it first");
			checkObject("trainer.restore", "state", state);
			if (!state.movingAverage !== !average)
				throw new OptionError(
					`trainer.restore: state has ${state.movingAverage ? "a" : "no"} moving average; expected ${average ? "one" : "none"}, as told by movingAverage`,
				);
			const restored = averaging ? movingAverage<P>(averaging) : null;
			restored?.restore(state.movingAverage as MovingAverageState, parameters);
			try {
				optimizer.restore(state.optimizer, parameters);
			} catch (error) {
				restored?.dispose();
				throw error;
			}
			average?.dispose();
			average = restored;
			losses = state.loss;
		},
		dispose() {
			disposed = true;
			for (const tensor of treeTensors(parameters)) tensor.dispose();
			average?.dispose();
			optimizer.dispose();
		},
	};
}
