import { adamW, createTrainer, intTensor } from "longspan";
import type { Contestant } from "../contestant.js";
import { ours } from "../longspan.js";
import { byteModel, firstLosses, optimizerSettings, type TrainingProblem } from "./problem.js";

/** A step of the library's trainer: loss, gradient, clipping, AdamW. */
export function trainingContestant({ sizes, ids }: TrainingProblem, name = ours): Contestant {
	const { clipNorm, ...adam } = optimizerSettings;
	// The initial weights are those of the problem, which come from a model of the same seed.
	const { parameters, loss } = byteModel(sizes);
	const trainer = createTrainer({ parameters, loss, optimizer: adamW(adam), clipNorm });
	const batch = intTensor(ids, [1, ids.length]);
	const step = async () => (await trainer.step([batch])).loss;
	return {
		name,
		async run() {
			await step();
		},
		output: () => firstLosses(step),
		dispose() {
			trainer.dispose();
			batch.dispose();
		},
	};
}
