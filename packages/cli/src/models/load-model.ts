import {
	type Attention,
	type LanguageModel,
	type LanguageModelParameters,
	mapTree,
	type StoredTensor,
	tensor,
	treeTensors,
} from "longspan";
import { InputError } from "../errors.js";
import { buildModel } from "./build-model.js";
import { type ModelConfig, parseConfig } from "./config.js";
import { explained } from "./explained.js";
import { parameterName } from "./parameter-names.js";
import { readModelFiles } from "./read-model-files.js";

/** A model as it was saved. */
export interface LoadedModel {
	readonly config: ModelConfig;
	/** Its loss is the cross-entropy alone: steps of layers that may halt cost nothing. */
	readonly model: LanguageModel;
	readonly parameters: LanguageModelParameters;
	/** Where its tokenizer is; null if tokens are bytes. */
	readonly tokenizerPath: string | null;
	/** Frees the weights. */
	dispose(): void;
}

/**
 * Reads a model from its folder, or that of its training (the best checkpoint), onto the current device. `adapt` may put something around
 * the attention of each layer.
 *
 * @throws InputError naming the file that is missing or damaged
 */
export function loadModel(folder: string, adapt?: (attention: Attention) => Attention): LoadedModel {
	const { configPath, configText, weightsPath, tensors, tokenizerPath } = readModelFiles(folder);
	const config = parseConfig(configText, configPath);
	const recurrence = config.recurrence && { ...config.recurrence, ponderWeight: 0 };
	const model = explained(configPath, () => buildModel({ ...config, recurrence }, { ...(adapt && { adapt }) }));
	// The weights it was made with serve for their names and shapes only.
	const initial = treeTensors(model.parameters);
	try {
		const parameters = withValues(model.parameters, tensors, weightsPath);
		const dispose = () => {
			for (const weight of treeTensors(parameters)) weight.dispose();
		};
		return { config, model, parameters, tokenizerPath: config.tokenizer && tokenizerPath, dispose };
	} finally {
		for (const weight of initial) weight.dispose();
	}
}

/** The weights that are stored, in the form of a model's own. `path`: of their file. Throws `InputError` unless names and shapes are those. */
export function withValues(
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
