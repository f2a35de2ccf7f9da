import { createTrainer, type TensorTree, type TrainerOptions, treeTensors } from "longspan";
import { median } from "../timing.js";

export interface Training<P extends TensorTree, Batch extends TensorTree> extends TrainerOptions<P, Batch> {
	/** The batch of a step, from 0 on. Its tensors are freed after the step. */
	readonly batches: (step: number) => Batch;
	readonly steps: number;
	/** Called after each step, counted from 1; training ends where it returns true. */
	readonly onStep?: (step: number, loss: number, parameters: P) => boolean | undefined;
}

export interface Trained<P> {
	readonly parameters: P;
	/** The loss before each step. */
	readonly losses: readonly number[];
	/** The median step's time, its batch included. */
	readonly secondsPerStep: number;
	/** Frees the weights and the optimiser. */
	dispose(): void;
}

/** Trains any model that tells its loss, with the library's trainer. A loss that is not finite is its TrainingError. */
export async function trainModel<P extends TensorTree, Batch extends TensorTree>({
	batches,
	steps,
	onStep,
	...options
}: Training<P, Batch>): Promise<Trained<P>> {
	const trainer = createTrainer<P, Batch>(options);
	const losses: number[] = [];
	const seconds: number[] = [];
	while (trainer.steps < steps) {
		const start = performance.now();
		const batch = batches(trainer.steps);
		const { loss } = await trainer.step([batch]);
		for (const tensor of treeTensors(batch)) tensor.dispose();
		losses.push(loss);
		seconds.push((performance.now() - start) / 1000);
		if (onStep?.(trainer.steps, loss, trainer.parameters)) break;
	}
	return { parameters: trainer.parameters, losses, secondsPerStep: median(seconds), dispose: trainer.dispose };
}
