import type { ConfigJson } from "../config/config-fields.js";
import type { ModelFiles } from "../files/model-files.js";
import { readJsonObject } from "../files/read-json.js";
import type { Task } from "../tasks.js";
import { modelTypes } from "./registry.js";

/**
 * What a checkpoint was saved for, by `architectures` of its config.json; undefined if that names no class that can be loaded.
 *
 * @throws OptionError if config.json is missing or damaged
 */
export async function checkpointTask(files: ModelFiles): Promise<Task | undefined> {
	const { architectures, model_type: type } = (await readJsonObject(files, "config.json")) as ConfigJson;
	if (!Array.isArray(architectures) || typeof type !== "string" || !Object.hasOwn(modelTypes, type)) return undefined;
	const classes = Object.entries(modelTypes[type]?.classes ?? {}) as [Task, { name: string }][];
	return classes.find(([, { name }]) => name === architectures[0])?.[0];
}
