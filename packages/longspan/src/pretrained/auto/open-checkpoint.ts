import { checkOptions } from "../../ops/operands.js";
import type { ConfigJson } from "../config/config-fields.js";
import type { ModelFiles } from "../files/model-files.js";
import { type FilesOptions, filesOptionNames, openModelFiles } from "../files/open-model-files.js";
import { openWeights } from "../files/open-weights.js";
import { readJsonObject } from "../files/read-json.js";
import type { OpenCheckpoint } from "./load-model.js";

/**
 * Opens a checkpoint without making a model of it: its settings are read, its weights when they are asked for.
 *
 * @param idOrFolder as for `AutoModel`
 * @throws OptionError for a checkpoint that is damaged or cannot be had
 * @example
 * const checkpoint = lengthenCheckpoint(await openCheckpoint("./roberta"), { to: "longformer", length: 4096 });
 * await saveCheckpoint(checkpoint, "./longformer");
 */
export async function openCheckpoint(
	idOrFolder: string | ModelFiles,
	options: FilesOptions = {},
): Promise<OpenCheckpoint> {
	checkOptions("openCheckpoint", options, filesOptionNames);
	return readCheckpoint(await openModelFiles(idOrFolder, options));
}

/** Reads the settings of a checkpoint and opens its weights. */
export async function readCheckpoint(files: ModelFiles): Promise<OpenCheckpoint> {
	const config = (await readJsonObject(files, "config.json")) as ConfigJson;
	const generationConfig = (await readJsonObject(files, "generation_config.json", { optional: true })) ?? {};
	return { location: files.location, config, generationConfig, weights: await openWeights(files) };
}
