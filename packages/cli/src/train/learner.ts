import { setImmediate } from "node:timers/promises";
import {
	createTrainer,
	type Device,
	type LossOptions,
	type LossRecord,
	type NamedTensors,
	type StepResult,
	type StoredTensor,
	type Tensor,
	type TensorTree,
	type Trainer,
	tensor,
	treeTensors,
} from "longspan";
import { bitsPerByte } from "../data/window-source.js";
import { optimizerOf, scheduleOf } from "./optimizer.js";
import type { RunSettings } from "./settings.js";

/** A loss this many times its running mean ends the run. */
const explosion = 3;

/** What is learned: a loss of batches, and how well held-out ones are predicted. */
export interface Subject<P extends TensorTree, Batch, Loaded> {
	/** Puts a batch on the device. */
	load(batch: Batch): Loaded;
	loss(parameters: P, batch: Loaded, options: LossOptions): Tensor;
	/** Targets of a batch, by which its loss counts in that of a step. */
	targets(batch: Loaded): number;
	measure(parameters: P, batch: Batch): Promise<Measured>;
	/** The weights as a file stores them. */
	store(parameters: P): Promise<Map<string, StoredTensor>>;
}

/** What a batch of held-out text comes to; the sums over all batches are what counts. */
export interface Measured {
	/** Sum of the losses of the targets. */
	readonly nats: number;
	readonly targets: number;
	/** Of the text that the targets stand for, where they are all of it. */
	readonly bytes?: number;
	/** Targets whose class is the likeliest, for classifiers. */
	readonly right?: number;
}

/** Everything a model in training consists of, as files store it. */
export interface Snapshot {
	readonly steps: number;
	readonly weights: ReadonlyMap<string, StoredTensor>;
	readonly optimizer: ReadonlyMap<string, StoredTensor>;
	/** null without a moving average. */
	readonly average: ReadonlyMap<string, StoredTensor> | null;
	readonly loss: LossRecord | null;
}

/** How well a model predicts held-out text. */
export type HeldOutResult = {
	/** Mean over the targets, in nats. */
	readonly loss: number;
	readonly bitsPerByte?: number;
	readonly accuracy?: number;
};

/** What of the settings of a run its learner heeds. */
export type LearnerSettings = Pick<
	RunSettings,
	"optimizer" | "steps" | "clipNorm" | "accumulate" | "emaDecay" | "seed"
>;

/** A model in training on a device. */
export class Learner<P extends TensorTree, Batch, Loaded> {
	private readonly trainer: Trainer<P, Loaded>;

	/** @param parameters the weights to start with, which are taken over */
	constructor(
		private readonly device: Device,
		private readonly subject: Subject<P, Batch, Loaded>,
		parameters: P,
		{ optimizer, steps, clipNorm, accumulate, emaDecay, seed }: LearnerSettings,
	) {
		this.trainer = createTrainer<P, Loaded>({
			parameters,
			loss: (current, batch, options) => subject.loss(current, batch, options),
			optimizer: optimizerOf(optimizer),
			schedule: scheduleOf(optimizer, steps),
			...(clipNorm !== null && { clipNorm }),
			accumulate,
			weight: (batch) => subject.targets(batch),
			...(emaDecay !== null && { movingAverage: { decay: emaDecay } }),
			...{ explosion, seed },
		});
	}

	get steps(): number {
		return this.trainer.steps;
	}

	/** Number of weights. */
	get parameterCount(): number {
		return treeTensors(this.trainer.parameters).reduce((sum, { size }) => sum + size, 0);
	}

	/** One step of the optimiser on some batches. Throws `TrainingError` if it cannot be taken; everything is as before then. */
	async step(batches: readonly Batch[]): Promise<StepResult> {
		const loaded = batches.map((batch) => this.subject.load(batch));
		try {
			return await this.trainer.step(loaded);
		} finally {
			for (const own of treeTensors(loaded)) own.dispose();
		}
	}

	/**
	 * Predicts held-out text with the moving average of the weights, if there is one. Returns null when `stopped` says so in between.
	 */
	async evaluate(batches: readonly Batch[], stopped: () => boolean): Promise<HeldOutResult | null> {
		const parameters = this.trainer.average ?? this.trainer.parameters;
		let [nats, targets, bytes, right] = [0, 0, 0, 0];
		let last: Measured | undefined;
		for (const batch of batches) {
			// Lets signals in.
			await setImmediate();
			if (stopped()) return null;
			last = await this.subject.measure(parameters, batch);
			nats += last.nats;
			targets += last.targets;
			bytes += last.bytes ?? 0;
			right += last.right ?? 0;
		}
		return {
			loss: nats / targets,
			...(last?.bytes !== undefined && { bitsPerByte: bitsPerByte(nats, bytes) }),
			...(last?.right !== undefined && { accuracy: right / targets }),
		};
	}

	/** Copies everything off the device. */
	async snapshot(): Promise<Snapshot> {
		const state = this.trainer.state();
		try {
			return {
				steps: state.optimizer.steps,
				weights: await this.subject.store(this.trainer.parameters),
				optimizer: await stored(state.optimizer.tensors),
				average: state.movingAverage && (await stored(state.movingAverage.tensors)),
				loss: state.loss,
			};
		} finally {
			for (const own of treeTensors(state)) own.dispose();
		}
	}

	/** Goes on from a snapshot, the weights of which the learner was made with. */
	restore({ steps, optimizer, average, loss }: Omit<Snapshot, "weights">): void {
		const state = {
			optimizer: { steps, tensors: this.loaded(optimizer) },
			movingAverage: average && { steps, tensors: this.loaded(average) },
			loss,
		};
		try {
			this.trainer.restore(state);
		} finally {
			for (const own of treeTensors(state)) own.dispose();
		}
	}

	dispose(): void {
		this.trainer.dispose();
	}

	private loaded(tensors: ReadonlyMap<string, StoredTensor>): NamedTensors {
		return Object.fromEntries(
			[...tensors].map(([name, { values, shape }]) => [name, tensor(values, shape, this.device)]),
		);
	}
}

/** Tensors by name as a file stores them. */
export async function stored(tensors: NamedTensors): Promise<Map<string, StoredTensor>> {
	const read = new Map<string, StoredTensor>();
	for (const [name, own] of Object.entries(tensors))
		read.set(name, { shape: own.shape, values: Float32Array.from(await own.data()) });
	return read;
}
