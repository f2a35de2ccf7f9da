import { type LanguageModel, OutOfMemoryError, treeTensors } from "longspan";
import { isRefusal } from "../attentions/form.js";
import { parseModelAttention } from "../attentions/model-attention.js";
import { UsageError } from "../errors.js";
import { buildModel } from "../models/build-model.js";
import { type ModelConfig, modelFiles } from "../models/config.js";
import type { TrainingData } from "./data.js";
import { explainShortage } from "./explain-failure.js";
import type { RunSettings } from "./settings.js";

/** The model that is to be trained on some data. */
export function configOf({ model }: RunSettings, { windows, tokenizer }: TrainingData): ModelConfig {
	return {
		...model,
		vocabularySize: windows.vocabularySize,
		tokenizer: tokenizer && modelFiles.tokenizer,
	};
}

/**
 * Throws `UsageError` for a length that an attention cannot be computed at: of training windows, or of held-out ones, which are shorter
 * where there is little text.
 */
export function checkLengths({ attention, maxLength, heads }: ModelConfig, lengths: readonly number[]): void {
	const asked = `--attention: "${attention}"`;
	const attentions = telling(asked, () => parseModelAttention(attention, "--attention").create(maxLength));
	for (const length of new Set(lengths))
		for (const own of attentions) telling(`${asked} at length ${length}`, () => own.cost(length, { heads }));
}

/** Turns what an attention refuses into a `UsageError` that begins with `what`. */
function telling<T>(what: string, attempt: () => T): T {
	try {
		return attempt();
	} catch (error) {
		if (isRefusal(error)) throw new UsageError(`${what}: ${error.message}`);
		throw error;
	}
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
 * @throws UsageError for sizes that do not fit together, InputError for more than memory has room for
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
		throw error instanceof OutOfMemoryError ? explainShortage(error) : error;
	}
}
