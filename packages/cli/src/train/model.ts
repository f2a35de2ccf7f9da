import { type LanguageModel, treeTensors } from "longspan";
import { isRefusal } from "../attentions/form.js";
import { UsageError } from "../errors.js";
import { buildModel } from "../models/build-model.js";
import { type ModelConfig, modelFiles } from "../models/config.js";
import type { TrainingData } from "./data.js";
import type { RunSettings } from "./settings.js";

/** The model that is to be trained on some data. */
export function configOf({ model }: RunSettings, { windows, tokenizer }: TrainingData): ModelConfig {
	return {
		...model,
		vocabularySize: windows.vocabularySize,
		tokenizer: tokenizer && modelFiles.tokenizer,
	};
}

/** A model to train, and how its predictions are measured. */
export interface TrainedModel {
	readonly model: LanguageModel;
	/** Its loss without costs other than those of its predictions. */
	readonly measured: Pick<LanguageModel, "loss">;
}

/**
 * The model of a configuration with initial weights, the same for the same seed.
 *
 * @throws UsageError for sizes that do not fit
 */
export function createModel(config: ModelConfig, seed: number): TrainedModel {
	try {
		const model = buildModel(config, { seed });
		if (!config.recurrence?.halting) return { model, measured: model };
		const measured = buildModel({ ...config, recurrence: { ...config.recurrence, ponderWeight: 0 } });
		for (const weight of treeTensors(measured.parameters)) weight.dispose();
		return { model, measured };
	} catch (error) {
		if (isRefusal(error)) throw new UsageError(error.message);
		throw error;
	}
}
