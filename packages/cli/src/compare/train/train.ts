import { setImmediate } from "node:timers/promises";
import { type Device, LongspanError, OptionError } from "longspan";
import type { AttentionChoice } from "../../attentions/choices.js";
import { formOf } from "../../attentions/form.js";
import { byteWindows } from "../../data/byte-windows.js";
import type { Corpus } from "../../data/corpus.js";
import { windowsTensor } from "../../models/predict-windows.js";
import type { Progress } from "../../output/progress.js";
import type { SkippedTraining, TrainingRun } from "../result.js";
import type { CompareSettings } from "../settings.js";
import { learningRateOf } from "./model.js";
import { Trainee } from "./trainee.js";

/** Held-out windows the quality is measured on. */
const heldOutWindows = 16;
/** When it is measured, as parts of all steps: often while it falls fast. */
const evaluationMoments = [0, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 3 / 4, 1];

export interface TrainingResult {
	readonly training: readonly TrainingRun[];
	readonly skippedTraining: readonly SkippedTraining[];
}

/**
 * Trains the same model with every attention on the same batches in the same order, a step of each in turn so that the
 * machine's moods hit them alike. An attention that cannot be trained is dropped with a reason. Models are saved if asked for.
 */
export async function trainAttentions(
	device: Device,
	corpus: Corpus,
	settings: CompareSettings,
	progress: Progress,
): Promise<TrainingResult> {
	const { trainSteps: steps, trainLength, trainBatch, seed, modelFolder } = settings;
	const windows = byteWindows(corpus, { lengths: [trainLength], batch: trainBatch, seed });
	const heldOut = windows.heldOut(heldOutWindows);
	const evaluationSteps = new Set(evaluationMoments.map((part) => Math.round(part * steps)));
	const group = new TraineeGroup(progress);
	progress.start("training", steps);
	try {
		for (const choice of settings.attentions) await group.add(choice, trainLength, seed);
		for (let step = 0; step <= steps; step++) {
			const ids = windowsTensor(windows.trainingBatch(step), device);
			try {
				await group.each((trainee) =>
					step === 0 ? trainee.warmUp(ids) : trainee.step(ids, learningRateOf(step, steps)),
				);
			} finally {
				ids.dispose();
			}
			if (!evaluationSteps.has(step)) continue;
			await group.each((trainee) => trainee.evaluate(heldOut, device));
			progress.update(step, group.describe(step));
		}
		progress.finish();
		if (modelFolder !== null) await group.each((trainee) => trainee.save(modelFolder));
		return group.result();
	} finally {
		group.dispose();
	}
}

/** The models in training; those that fail leave the group. */
class TraineeGroup {
	private trainees: Trainee[] = [];
	private readonly skipped: SkippedTraining[] = [];

	constructor(private readonly progress: Progress) {}

	async add(choice: AttentionChoice, length: number, seed: number): Promise<void> {
		const { label } = choice;
		await this.attempt(label, async () => {
			const { attention, note } = formOf(choice, true, length);
			if (note !== null) throw new OptionError("it has no causal form");
			this.trainees.push(new Trainee(label, attention, length, seed));
		});
	}

	async each(task: (trainee: Trainee) => Promise<void>): Promise<void> {
		for (const trainee of [...this.trainees]) {
			// Lets progress be drawn, off the clock.
			await setImmediate();
			await this.attempt(trainee.label, () => task(trainee));
		}
	}

	private async attempt(label: string, task: () => Promise<void>): Promise<void> {
		try {
			await task();
		} catch (error) {
			if (!(error instanceof LongspanError)) throw error;
			this.skipped.push({ attention: label, reason: error.message });
			this.progress.note(`not trained: ${label}: ${error.message}`);
			this.trainees = this.trainees.filter((trainee) => {
				if (trainee.label === label) trainee.dispose();
				return trainee.label !== label;
			});
		}
	}

	describe(step: number): string {
		const state = this.trainees.map((trainee) => `${trainee.label} ${trainee.run().bitsPerByte.toFixed(2)}`);
		return `step ${step}, bits per byte: ${state.join(", ")}`;
	}

	result(): TrainingResult {
		return { training: this.trainees.map((trainee) => trainee.run()), skippedTraining: this.skipped };
	}

	dispose(): void {
		for (const trainee of this.trainees) trainee.dispose();
	}
}
