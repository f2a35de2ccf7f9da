import { setImmediate } from "node:timers/promises";
import {
	createTrainer,
	type Device,
	type LanguageModel,
	type LanguageModelParameters,
	type LossRecord,
	type NamedTensors,
	type StepResult,
	type StoredTensor,
	type Tensor,
	type Trainer,
	tensor,
	treeTensors,
} from "longspan";
import { bitsPerByte, type TextWindows } from "../data/window-source.js";
import { predictedTokens, predictWindows, windowsTensor } from "../models/predict-windows.js";
import { storedParameters } from "../models/save-model.js";
import { optimizerOf, scheduleOf } from "./optimizer.js";
import type { RunSettings } from "./settings.js";

/** A loss this many times its running mean ends the run. */
const explosion = 3;

/** Sequences on the device, and the number of tokens to predict in them. */
interface Batch {
	readonly ids: Tensor<"int32">;
	readonly targets: number;
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
export interface HeldOutResult {
	/** Mean over the tokens, in nats. */
	readonly loss: number;
	readonly bitsPerByte: number;
}

/** A model in training on a device. */
export class Learner {
	private readonly trainer: Trainer<LanguageModelParameters, Batch>;

	/**
	 * @param model with the weights to start with, which are taken over
	 * @param measured the same model without costs other than those of its predictions
	 */
	constructor(
		private readonly device: Device,
		model: LanguageModel,
		parameters: LanguageModelParameters,
		private readonly measured: Pick<LanguageModel, "loss">,
		{ optimizer, steps, clipNorm, accumulate, emaDecay, seed }: RunSettings,
	) {
		this.trainer = createTrainer<LanguageModelParameters, Batch>({
			parameters,
			loss: (current, { ids }, options) => model.loss(current, ids, options),
			optimizer: optimizerOf(optimizer),
			schedule: scheduleOf(optimizer, steps),
			...(clipNorm !== null && { clipNorm }),
			accumulate,
			weight: ({ targets }) => targets,
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
	async step(batches: readonly TextWindows[]): Promise<StepResult> {
		const loaded = batches.map((windows) => ({
			ids: windowsTensor(windows, this.device),
			targets: predictedTokens(windows),
		}));
		try {
			return await this.trainer.step(loaded);
		} finally {
			for (const { ids } of loaded) ids.dispose();
		}
	}

	/**
	 * Predicts held-out text with the moving average of the weights, if there is one. Returns null when `stopped` says so in between.
	 */
	async evaluate(batches: readonly TextWindows[], stopped: () => boolean): Promise<HeldOutResult | null> {
		const parameters = this.trainer.average ?? this.trainer.parameters;
		let [nats, tokens, bytes] = [0, 0, 0];
		for (const windows of batches) {
			// Lets signals in.
			await setImmediate();
			if (stopped()) return null;
			const predicted = predictedTokens(windows);
			nats += (await predictWindows(this.measured, parameters, windows, this.device)) * predicted;
			tokens += predicted;
			bytes += windows.bytes;
		}
		return { loss: nats / tokens, bitsPerByte: bitsPerByte(nats, bytes) };
	}

	/** Copies everything off the device. */
	async snapshot(): Promise<Snapshot> {
		const state = this.trainer.state();
		try {
			return {
				steps: state.optimizer.steps,
				weights: await storedParameters(this.trainer.parameters),
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

async function stored(tensors: NamedTensors): Promise<Map<string, StoredTensor>> {
	const read = new Map<string, StoredTensor>();
	for (const [name, own] of Object.entries(tensors))
		read.set(name, { shape: own.shape, values: Float32Array.from(await own.data()) });
	return read;
}
