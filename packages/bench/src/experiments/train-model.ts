import { createTrainer, type Tensor, type TensorTree, type TrainerOptions, treeTensors } from "longspan";
import { median } from "../timing.js";

export interface Training<P extends TensorTree, Batch extends TensorTree>
	extends Omit<TrainerOptions<P, Batch>, "loss"> {
	/** The loss of a batch; the step is counted from 0 on. */
	readonly loss: (parameters: P, batch: Batch, step: number) => Tensor;
	/** The batch of a step, from 0 on. Its tensors are freed after the step. */
	readonly batches: (step: number) => Batch;
}

/** A training that goes on step by step, so that several can take turns. */
export interface RunningTraining<P> {
	readonly parameters: P;
	/** The loss before each step. */
	readonly losses: readonly number[];
	/** The median step's time, its batch included. */
	readonly secondsPerStep: number;
	step(): Promise<number>;
	/** Frees the weights and the optimiser. */
	dispose(): void;
}

/** Starts to train any model that tells its loss, with the library's trainer. A loss that is not finite is its TrainingError. */
export function startTraining<P extends TensorTree, Batch extends TensorTree>({
	batches,
	loss,
	...options
}: Training<P, Batch>): RunningTraining<P> {
	const losses: number[] = [];
	const seconds: number[] = [];
	const trainer = createTrainer<P, Batch>({
		...options,
		loss: (parameters, batch) => loss(parameters, batch, losses.length),
	});
	return {
		get parameters() {
			return trainer.parameters;
		},
		losses,
		get secondsPerStep() {
			return median(seconds);
		},
		async step() {
			const start = performance.now();
			const batch = batches(losses.length);
			const { loss: value } = await trainer.step([batch]);
			for (const tensor of treeTensors(batch)) tensor.dispose();
			losses.push(value);
			seconds.push((performance.now() - start) / 1000);
			return value;
		},
		dispose: trainer.dispose,
	};
}

/** Trains for a number of steps. `onStep` is told each of them, counted from 1. */
export async function trainModel<P extends TensorTree, Batch extends TensorTree>({
	steps,
	onStep,
	...training
}: Training<P, Batch> & {
	readonly steps: number;
	readonly onStep?: (step: number, loss: number) => void;
}): Promise<RunningTraining<P>> {
	const running = startTraining(training);
	for (let step = 1; step <= steps; step++) {
		const loss = await running.step();
		onStep?.(step, loss);
	}
	return running;
}
