import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { encodeSafetensors, type LanguageModelParameters, type StoredTensor } from "longspan";
import { InputError, isSystemError } from "../errors.js";
import { writeWholeFile } from "../output/write-file.js";
import { configText, type ModelConfig, modelFiles } from "./config.js";
import { namedParameters } from "./parameter-names.js";

/**
 * Writes a model into a folder, which is made if there is none: its weights and its configuration, each as a whole or not at all.
 *
 * @param tokenizerFiles contents of the files of its tokenizer by their names, if it has one
 * @throws InputError if the folder cannot be written
 */
export async function saveModel(
	folder: string,
	config: ModelConfig,
	parameters: LanguageModelParameters,
	tokenizerFiles: ReadonlyMap<string, string> = new Map(),
): Promise<void> {
	const tensors = await storedParameters(parameters);
	makeFolder(folder);
	writeWholeFile(join(folder, modelFiles.weights), encodeSafetensors(tensors));
	for (const [name, content] of tokenizerFiles) writeWholeFile(join(folder, name), content);
	// Last, so that a folder with a configuration has weights.
	writeWholeFile(join(folder, modelFiles.config), configText(config));
}

/** The weights of a model as a file stores them. */
export async function storedParameters(parameters: LanguageModelParameters): Promise<Map<string, StoredTensor>> {
	const tensors = new Map<string, StoredTensor>();
	for (const [name, tensor] of namedParameters(parameters))
		tensors.set(name, { shape: tensor.shape, values: Float32Array.from(await tensor.data()) });
	return tensors;
}

/** Makes a folder, and those above it, unless it is there. Throws `InputError` if it cannot. */
export function makeFolder(folder: string): void {
	try {
		mkdirSync(folder, { recursive: true });
	} catch (error) {
		if (!isSystemError(error)) throw error;
		throw new InputError(
			`cannot write into "${folder}": ${error.code === "EEXIST" || error.code === "ENOTDIR" ? "there is a file of that name" : error.message}`,
		);
	}
}

/** The name of the folder for the model with an attention: its label with characters that every file system takes. */
export function folderName(label: string): string {
	return label.replace(/[^A-Za-z0-9._-]+/g, "-");
}
