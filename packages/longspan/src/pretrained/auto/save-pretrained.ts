import { OptionError } from "../../errors.js";
import { checkObject, checkOptions, describe, type OptionNames } from "../../ops/operands.js";
import type { Matrix } from "../../ops/packed-matrix.js";
import type { ConfigJson } from "../config/config-fields.js";
import { configText } from "../config/config-text.js";
import type { FileSink } from "../files/save/file-sink.js";
import { saveFolder } from "../files/save/save-folder.node.js";
import { type SaveWeightsOptions, saveWeights } from "../files/save/save-weights.js";
import type { PretrainedModel } from "../model.js";
import { parameterWeights } from "../parameters/parameter-weights.js";
import type { OpenCheckpoint } from "./load-model.js";
import { modelTypes } from "./registry.js";

export interface SaveCheckpointOptions extends SaveWeightsOptions {
	/** Further files by name, such as those of the tokenizer (`readTokenizerFiles`). Default: none. */
	readonly files?: ReadonlyMap<string, Uint8Array> | undefined;
}

export interface SavePretrainedOptions extends SaveCheckpointOptions {
	/** Other weights of the model than its own, such as those that were trained, by name. Default: its own. */
	readonly weights?: Readonly<Record<string, Matrix>> | undefined;
}

const optionNames: OptionNames<SaveCheckpointOptions> = {
	dtype: true,
	maxShardBytes: true,
	onProgress: true,
	files: true,
};

/**
 * Saves a checkpoint in the Hugging Face layout, which transformers in Python loads: config.json, generation_config.json if there is
 * one, and model.safetensors or shards with their index. Weights are read and written piece by piece. A folder has either all files or,
 * if this fails, those that it had.
 *
 * @param target a folder, in Node, or whatever takes files
 * @throws OptionError for an option outside its range, or a path that cannot be written
 */
export async function saveCheckpoint(
	checkpoint: Omit<OpenCheckpoint, "location">,
	target: string | FileSink,
	options: SaveCheckpointOptions = {},
): Promise<void> {
	const name = "saveCheckpoint";
	checkOptions(name, options, optionNames);
	const { files = new Map(), ...ofWeights } = options;
	if (!(files instanceof Map)) throw new OptionError(`${name}: files is ${describe(files)}; expected a Map`);
	const { config, generationConfig, weights } = checkpoint;
	const write = async (sink: FileSink) => {
		await sink.write("config.json", [textBytes(configText(withDType(config, options.dtype ?? "float32")))]);
		if (Object.keys(generationConfig).length > 0)
			await sink.write("generation_config.json", [textBytes(configText(generationConfig))]);
		for (const [path, content] of files) await sink.write(path, [content]);
		await saveWeights(sink, weights, ofWeights);
	};
	if (typeof target === "string" && target !== "") return saveFolder(target, write);
	if (typeof target === "string") throw new OptionError(`${name}: the folder is ""; expected its path`);
	checkObject(name, "target", target);
	return write(target);
}

/**
 * Saves a model in the Hugging Face layout (`saveCheckpoint`), under the names that its class has in transformers; tied weights are
 * written once. Matrices are saved as the model holds them: exact in "fp32", rounded in "fp16" and "bf16".
 *
 * @param target a folder, in Node, or whatever takes files
 * @throws OptionError for a model of int8 matrices, an option outside its range, or a path that cannot be written
 * @example
 * const model = await AutoModelForMaskedLM.fromPretrained("./longformer", { trainable: true });
 * // … train …
 * await savePretrained(model, "./tuned", { weights: trainer.parameters });
 */
export async function savePretrained(
	model: PretrainedModel,
	target: string | FileSink,
	options: SavePretrainedOptions = {},
): Promise<void> {
	checkOptions("savePretrained", options, { ...optionNames, weights: true });
	const { weights, ...rest } = options;
	return saveCheckpoint(checkpointOf(model, weights), target, rest);
}

/**
 * A model as the checkpoint that it is saved as.
 *
 * @param weights default: those of the model
 */
export function checkpointOf(
	model: Pick<PretrainedModel, "className" | "config" | "generationConfig" | "modelType" | "task" | "weights">,
	weights: Readonly<Record<string, Matrix>> = model.weights(),
): OpenCheckpoint {
	const { className: location, config, generationConfig, task, modelType } = model;
	// Checkpoints of a base model alone have no prefix.
	const prefix = task === "base" ? (modelTypes[modelType]?.prefix ?? "") : "";
	const named = new Map(
		Object.entries(weights).map(([name, weight]) => [
			name.startsWith(prefix) ? name.slice(prefix.length) : name,
			weight,
		]),
	);
	return {
		location,
		config: { ...config, architectures: [location] },
		generationConfig,
		weights: parameterWeights(location, named),
	};
}

/** The type of the weights where config.json tells it, so that a loader that heeds it does not convert them. */
function withDType(config: ConfigJson, dtype: string): ConfigJson {
	const { torch_dtype: _, ...rest } = config;
	return { ...rest, dtype };
}

function textBytes(text: string): Uint8Array {
	return new TextEncoder().encode(text);
}
