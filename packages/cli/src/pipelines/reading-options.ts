import { type Command, Option } from "commander";
import type { OverflowPolicy, ReadingProgress } from "longspan";
import { UsageError } from "../errors.js";
import { parseInteger } from "../parse-number.js";

/** How long texts are read, as the command line gives it. */
export interface RawReadingOptions {
	overflow: string;
	stride?: string;
	window?: string;
	batchSize: string;
}

/** How long texts are read: options of a pipeline. */
export interface ReadingSettings {
	readonly overflow: OverflowPolicy;
	readonly stride?: number;
	readonly window?: number;
	readonly batch_size: number;
}

/** The options of one call of a pipeline. */
export interface ReadingCall extends ReadingSettings {
	readonly progress?: (progress: ReadingProgress) => void;
}

/** Values of options that are not given. */
export const readingDefaults = { overflow: "error", batchSize: "8" } as const;

const policies: readonly OverflowPolicy[] = ["error", "truncate", "stride"];

/** Gives a verb the options of reading long texts. */
export function addReadingOptions(command: Command): Command {
	return command
		.addOption(
			new Option(
				"--overflow <how>",
				"a text longer than the model takes: error; stride reads it in windows that overlap, truncate its begin",
			).default(readingDefaults.overflow),
		)
		.option("--stride <tokens>", "tokens that a window shares with the next; default: a quarter of a window")
		.option("--window <tokens>", "most tokens read at once; default: as many as the model takes")
		.option("--batch-size <count>", "the most windows computed together", readingDefaults.batchSize);
}

/** Checks the options and turns them into settings. Throws `UsageError`, naming the option. */
export function parseReadingOptions({ overflow, stride, window, batchSize }: RawReadingOptions): ReadingSettings {
	const policy = policies.find((name) => name === overflow);
	if (!policy) throw new UsageError(`--overflow: "${overflow}" is not valid; expected ${policies.join(", ")}`);
	if (stride !== undefined && policy !== "stride")
		throw new UsageError(`--stride: long texts are not read in windows; add --overflow stride`);
	return {
		overflow: policy,
		...(stride !== undefined && { stride: parseInteger("--stride", stride, 0) }),
		...(window !== undefined && { window: parseInteger("--window", window, 1) }),
		batch_size: parseInteger("--batch-size", batchSize, 1),
	};
}
