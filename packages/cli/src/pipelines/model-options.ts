import type { Command } from "commander";
import type { FilesOptions, ModelDType } from "longspan";
import { addDeviceOptions, type DeviceSettings, parseDeviceOptions, type RawDeviceOptions } from "../device-options.js";
import { UsageError } from "../errors.js";

/** Options of a pretrained model as the command line gives them. */
export interface RawModelOptions extends RawDeviceOptions {
	model: string;
	dtype: string;
	cacheDir?: string;
	revision?: string;
	offline: boolean;
}

/** A pretrained model and what computes it. */
export interface ModelSettings extends DeviceSettings {
	/** Id of a repository of the Hub, or a folder. */
	readonly model: string;
	readonly dtype: ModelDType;
	/** undefined: the cache of Python's huggingface_hub. */
	readonly cacheDir: string | undefined;
	/** undefined: "main". */
	readonly revision: string | undefined;
	readonly offline: boolean;
}

/** Values of options that are not given. */
export const modelDefaults = { dtype: "fp32" } as const;

const dtypes: readonly ModelDType[] = ["fp32", "fp16", "bf16", "q8"];

/** Gives a verb the options of a pretrained model and of the device. */
export function addModelOptions(command: Command): Command {
	return addDeviceOptions(
		command
			.requiredOption("--model <id>", "id of a model of the Hugging Face Hub, or a folder with its files")
			.option("--revision <name>", "branch, tag or commit of the Hub; default: main")
			.option(
				"--dtype <name>",
				"fp32; fp16 or bf16, which take half the memory; or q8 (int8), which takes a quarter",
				modelDefaults.dtype,
			)
			.option("--cache-dir <folder>", "where downloads are kept; default: the cache of Python's huggingface_hub")
			.option("--offline", "use only what was downloaded before", false),
	);
}

/** Checks the options and turns them into settings. Throws `UsageError`, naming the option. */
export function parseModelOptions(raw: RawModelOptions): ModelSettings {
	const { model, dtype, cacheDir, revision, offline } = raw;
	for (const [name, value] of [
		["--model", model],
		["--cache-dir", cacheDir],
		["--revision", revision],
	] as const)
		if (value?.trim() === "") throw new UsageError(`${name}: it is empty`);
	const known = dtypes.find((name) => name === dtype);
	if (!known) throw new UsageError(`--dtype: "${dtype}" is not valid; expected ${dtypes.join(", ")}`);
	return { model, dtype: known, cacheDir, revision, offline, ...parseDeviceOptions(raw) };
}

/** Where the files of the model come from, as options of the library. */
export function filesOptions({
	cacheDir,
	revision,
	offline,
}: Pick<ModelSettings, "cacheDir" | "revision" | "offline">): FilesOptions {
	// Undefined leaves it to HF_HUB_OFFLINE.
	return { cacheDir, revision, localFilesOnly: offline || undefined };
}
