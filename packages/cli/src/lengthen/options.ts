import type { LongModelType, SaveWeightsOptions } from "longspan";
import { UsageError } from "../errors.js";
import { parseInteger } from "../parse-number.js";
import { parseChoice } from "../train/parse-values.js";

/** Options as the command line gives them. */
export interface RawLengthenOptions {
	model: string;
	to: string;
	length: string;
	window?: string;
	blockSize?: string;
	randomBlocks?: string;
	out: string;
	dtype: string;
	revision?: string;
	cacheDir?: string;
	offline: boolean;
	json: boolean;
}

/** What is lengthened, to what. */
export interface LengthenSettings {
	/** Id of a repository of the Hub, or a folder. */
	readonly model: string;
	readonly to: LongModelType;
	readonly length: number;
	readonly window: number | undefined;
	readonly blockSize: number | undefined;
	readonly randomBlocks: number | undefined;
	/** Folder of the new checkpoint. */
	readonly out: string;
	readonly dtype: NonNullable<SaveWeightsOptions["dtype"]>;
	readonly revision: string | undefined;
	readonly cacheDir: string | undefined;
	readonly offline: boolean;
	readonly json: boolean;
}

/** Values of options that are not given. */
export const lengthenDefaults = {
	to: "longformer",
	window: 512,
	blockSize: 64,
	randomBlocks: 3,
	dtype: "float32",
} as const;

/** Checks the options and turns them into settings. Throws `UsageError`, naming the option. */
export function parseLengthenOptions(raw: RawLengthenOptions): LengthenSettings {
	const { model, out, revision, cacheDir, offline, json } = raw;
	for (const [name, value] of Object.entries({
		"--model": model,
		"--out": out,
		"--revision": revision,
		"--cache-dir": cacheDir,
	}))
		if (value?.trim() === "") throw new UsageError(`${name}: it is empty`);
	const to = parseChoice("--to", raw.to.replace("_", "").toLowerCase(), ["longformer", "bigbird"]);
	const foreign =
		to === "longformer"
			? { "--block-size": raw.blockSize, "--random-blocks": raw.randomBlocks }
			: { "--window": raw.window };
	for (const [name, value] of Object.entries(foreign))
		if (value !== undefined) throw new UsageError(`${name}: --to ${to} has none; leave it out`);
	const optional = (name: string, value: string | undefined, min: number) =>
		value === undefined ? undefined : parseInteger(name, value, min);
	const window = optional("--window", raw.window, 2);
	if (window !== undefined && window % 2 !== 0)
		throw new UsageError(`--window: "${window}" is not valid; expected an even number, half of which is on each side`);
	return {
		...{ model, out, revision, cacheDir, offline, json, window },
		to: to === "bigbird" ? "big_bird" : to,
		length: parseInteger("--length", raw.length, 1),
		blockSize: optional("--block-size", raw.blockSize, 1),
		randomBlocks: optional("--random-blocks", raw.randomBlocks, 0),
		dtype: parseChoice("--dtype", raw.dtype, ["float32", "float16", "bfloat16"]),
	};
}
