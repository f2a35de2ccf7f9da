import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
	type Attention,
	decodeSafetensors,
	type LanguageModel,
	type LanguageModelParameters,
	LongspanError,
	languageModel,
	mapTree,
	type StoredTensor,
	tensor,
	treeTensors,
} from "longspan";
import { parseAttention } from "../attentions/choices.js";
import { reading } from "../data/list-files.js";
import { InputError, UsageError } from "../errors.js";
import { type ModelConfig, modelFiles, parseConfig } from "./config.js";
import { parameterName } from "./parameter-names.js";

/** A model as it was saved. */
export interface LoadedModel {
	readonly config: ModelConfig;
	readonly model: LanguageModel;
	readonly parameters: LanguageModelParameters;
	/** Frees the weights. */
	dispose(): void;
}

/**
 * Reads a model from its folder onto the current device. `adapt` may put something around its attention.
 *
 * @throws InputError naming the file that is missing or damaged
 */
export function loadModel(folder: string, adapt: (attention: Attention) => Attention = (same) => same): LoadedModel {
	const configPath = join(folder, modelFiles.config);
	const weightsPath = join(folder, modelFiles.weights);
	const config = parseConfig(
		reading(configPath, () => readFileSync(configPath, "utf8")),
		configPath,
	);
	const file = reading(weightsPath, () => readFileSync(weightsPath));
	const tensors = explained(weightsPath, () => decodeSafetensors(file).tensors);
	const model = explained(configPath, () => {
		const { attention, causal, ...sizes } = config;
		return languageModel({
			...sizes,
			attention: adapt(parseAttention(attention, "attention").create(causal, sizes.maxLength)),
		});
	});
	// The weights it was made with serve for their names and shapes only.
	const initial = treeTensors(model.parameters);
	try {
		const parameters = withValues(model.parameters, tensors, weightsPath);
		const dispose = () => {
			for (const weight of treeTensors(parameters)) weight.dispose();
		};
		return { config, model, parameters, dispose };
	} finally {
		for (const weight of initial) weight.dispose();
	}
}

/** Names the file in errors that tell of its contents. */
function explained<T>(path: string, read: () => T): T {
	try {
		return read();
	} catch (error) {
		if (error instanceof LongspanError || error instanceof UsageError)
			throw new InputError(`"${path}" cannot be used: ${error.message}`);
		throw error;
	}
}

function withValues(
	parameters: LanguageModelParameters,
	tensors: ReadonlyMap<string, StoredTensor>,
	path: string,
): LanguageModelParameters {
	const names = new Set<string>();
	mapTree(parameters, (weight, place) => {
		const name = parameterName(place);
		names.add(name);
		const stored = tensors.get(name);
		if (!stored) throw new InputError(`"${path}" has no tensor "${name}", which its configuration asks for`);
		if (stored.shape.join() !== weight.shape.join())
			throw new InputError(
				`"${path}" has "${name}" with shape [${stored.shape.join(", ")}]; its configuration asks for [${weight.shape.join(", ")}]`,
			);
		return weight;
	});
	for (const name of tensors.keys())
		if (!names.has(name))
			throw new InputError(`"${path}" has a tensor "${name}", which its configuration does not know`);
	return mapTree(parameters, ({ shape }, place) => {
		const { values } = tensors.get(parameterName(place)) as StoredTensor;
		return tensor(values, shape);
	});
}
