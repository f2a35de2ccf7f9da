import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeSafetensors, type StoredTensor } from "longspan";
import { reading } from "../data/list-files.js";
import { checkpointFiles } from "../runs/checkpoint.js";
import { findCheckpoint, isCheckpoint, readManifest } from "../runs/find-checkpoint.js";
import { runFiles } from "../runs/folder-names.js";
import { readCheckpoint } from "../runs/read-checkpoint.js";
import { modelFiles } from "./config.js";
import { explained } from "./explained.js";

/** What the files of a model say, and where they are. */
export interface ModelFiles {
	readonly configPath: string;
	readonly configText: string;
	readonly weightsPath: string;
	readonly tensors: ReadonlyMap<string, StoredTensor>;
	/** Where there may be a tokenizer. */
	readonly tokenizerPath: string;
}

/**
 * Reads the files of a model in a folder: of a saved one, of a checkpoint, or of a training run, of which it is the best checkpoint. Where
 * training averaged the weights, those are read.
 *
 * @throws InputError naming the file that is missing or damaged
 */
export function readModelFiles(folder: string): ModelFiles {
	if (isCheckpoint(folder)) return ofCheckpoint(folder);
	if (existsSync(join(folder, runFiles.checkpoints))) return ofRun(folder);
	const configPath = join(folder, modelFiles.config);
	const weightsPath = join(folder, modelFiles.weights);
	const configText = reading(configPath, () => readFileSync(configPath, "utf8"));
	const file = reading(weightsPath, () => readFileSync(weightsPath));
	const { tensors } = explained(weightsPath, () => decodeSafetensors(file));
	return { configPath, configText, weightsPath, tensors, tokenizerPath: join(folder, modelFiles.tokenizer) };
}

/** Of the best checkpoint. A run under way may remove it when it has a better one, which is read then. */
function ofRun(folder: string): ModelFiles {
	const path = findCheckpoint(folder, "best");
	try {
		return ofCheckpoint(path);
	} catch (error) {
		if (isCheckpoint(path) || findCheckpoint(folder, "best") === path) throw error;
		return ofRun(folder);
	}
}

function ofCheckpoint(path: string): ModelFiles {
	const { config, weights: plain, average, tokenizer } = checkpointFiles;
	const weights = Object.hasOwn(readManifest(path).files, average) ? average : plain;
	const { tensors, texts } = readCheckpoint(path, {
		wanted: (name) => !name.endsWith(".safetensors") || name === weights,
	});
	return {
		configPath: join(path, config),
		configText: texts.get(config) ?? "",
		weightsPath: join(path, weights),
		tensors: tensors.get(weights) ?? new Map(),
		tokenizerPath: join(path, tokenizer),
	};
}
