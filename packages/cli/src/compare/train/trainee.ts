import { join } from "node:path";
import {
	type Attention,
	adamW,
	clipGradient,
	type Device,
	type LanguageModel,
	type LanguageModelParameters,
	type Optimizer,
	type Tensor,
	treeTensors,
	valueAndGrad,
} from "longspan";
import type { Windows } from "../../data/windows.js";
import { predictWindows } from "../../models/predict-windows.js";
import { folderName, saveModel } from "../../models/save-model.js";
import type { CurvePoint, TrainingRun } from "../result.js";
import { configOf, createModel, training } from "./model.js";

/** One model in training, with one attention. */
export class Trainee {
	private readonly model: LanguageModel;
	private parameters: LanguageModelParameters;
	private readonly optimizer: Optimizer = adamW({ weightDecay: training.weightDecay });
	private readonly lossAndGradient: (
		parameters: LanguageModelParameters,
		ids: Tensor<"int32">,
	) => { value: Tensor; gradient: LanguageModelParameters };
	private readonly curve: CurvePoint[] = [];
	private steps = 0;
	private seconds = 0;

	constructor(
		readonly label: string,
		attention: Attention,
		private readonly length: number,
		seed: number,
	) {
		this.model = createModel(attention, length, seed);
		this.parameters = this.model.parameters;
		this.lossAndGradient = valueAndGrad(this.model.loss);
	}

	/** Computes a gradient and drops it, so that the first step is not slowed by code that is still being compiled. */
	async warmUp(ids: Tensor<"int32">): Promise<void> {
		const { value, gradient } = this.lossAndGradient(this.parameters, ids);
		await value.data();
		for (const tensor of [value, ...treeTensors(gradient)]) tensor.dispose();
	}

	/** One step of the optimiser, on the clock. */
	async step(ids: Tensor<"int32">, learningRate: number): Promise<void> {
		const start = performance.now();
		const { value, gradient } = this.lossAndGradient(this.parameters, ids);
		const clipped = clipGradient(gradient, training.clipNorm);
		this.parameters = this.optimizer.step(this.parameters, clipped.gradient, learningRate);
		await value.data();
		for (const tensor of [value, clipped.norm]) tensor.dispose();
		this.seconds += (performance.now() - start) / 1000;
		this.steps++;
	}

	/** Notes the bits per byte on held-out windows at this moment, off the clock. */
	async evaluate(batches: readonly Windows[], device: Device): Promise<void> {
		let nats = 0;
		let windows = 0;
		for (const batch of batches) {
			nats += (await predictWindows(this.model, this.parameters, batch, device)) * batch.count;
			windows += batch.count;
		}
		this.curve.push({ step: this.steps, seconds: this.seconds, bitsPerByte: nats / windows / Math.LN2 });
	}

	/** Writes the model as it is into a folder of its own in `folder`. */
	async save(folder: string): Promise<void> {
		await saveModel(join(folder, folderName(this.label)), configOf(this.label, this.length), this.parameters);
	}

	/** What came of it. */
	run(): TrainingRun {
		const last = this.curve[this.curve.length - 1];
		return {
			attention: this.label,
			steps: this.steps,
			seconds: this.seconds,
			bitsPerByte: last?.bitsPerByte ?? Number.NaN,
			curve: this.curve,
		};
	}

	dispose(): void {
		for (const tensor of treeTensors(this.parameters)) tensor.dispose();
		this.optimizer.dispose();
	}
}
