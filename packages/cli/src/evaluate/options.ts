import { parseDeviceOptions, type RawDeviceOptions } from "../device-options.js";
import { UsageError } from "../errors.js";
import { parseInteger } from "../parse-number.js";
import type { EvaluateSettings } from "./settings.js";

/** Options as the command line gives them. */
export interface RawEvaluateOptions extends RawDeviceOptions {
	heldOut: boolean;
	length?: string;
	windows: string;
	json: boolean;
}

/** Values of options that are not given. */
export const evaluateDefaults = { length: 1024, windows: "256" } as const;

/** Checks the options and turns them into settings. Throws `UsageError`, naming the option. */
export function parseEvaluateOptions(
	model: string,
	files: readonly string[],
	raw: RawEvaluateOptions,
): EvaluateSettings {
	for (const [name, path] of [["DIR", model], ...files.map((file) => ["FILES", file])])
		if (path === "") throw new UsageError(`${name}: the path is empty`);
	return {
		model,
		files,
		// What longspan itself trains on by default should not be what it is measured on.
		heldOut: raw.heldOut || files.length === 0,
		length: raw.length === undefined ? null : parseInteger("--length", raw.length, 1),
		windows: parseInteger("--windows", raw.windows, 1),
		json: raw.json,
		...parseDeviceOptions(raw),
	};
}
