import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";

/** What a model is called in requests: the id of its repository, or the name of its folder. */
export function modelName(model: string): string {
	return existsSync(model) ? basename(resolve(model)) : model;
}
