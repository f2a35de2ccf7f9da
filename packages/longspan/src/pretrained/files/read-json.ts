import { OptionError } from "../../errors.js";
import { isRecord, parseJson, quoted } from "./json.js";
import type { ModelFiles } from "./model-files.js";

export interface ReadJsonOptions {
	/** Whether the file may be missing; undefined is returned then. Default: false. */
	readonly optional?: boolean;
	/** Largest file in bytes. Default: 100 MB for tokenizers and indices of shards, 1 MB for the rest. */
	readonly maxBytes?: number;
}

const largeFiles = /(^|\/)(tokenizer[^/]*|[^/]*\.index)\.json$/;

/**
 * Reads a JSON file of a checkpoint.
 *
 * @throws OptionError naming the file if it is missing, too large, or no JSON in UTF-8
 */
export async function readJson(files: ModelFiles, path: string, options: ReadJsonOptions = {}): Promise<unknown> {
	const { optional = false, maxBytes = largeFiles.test(path) ? 100_000_000 : 1_000_000 } = options;
	const size = await files.size(path);
	if (size === undefined) {
		if (optional) return undefined;
		throw new OptionError(`${files.location}: there is no ${path}; expected a checkpoint in the Hugging Face layout`);
	}
	const subject = `${files.location}/${path}`;
	if (size > maxBytes) throw new OptionError(`${subject}: it has ${size} bytes; expected at most ${maxBytes}`);
	const bytes = await files.read(path, 0, size);
	try {
		return parseJson(bytes);
	} catch (error) {
		throw new OptionError(`${subject}: it ${(error as Error).message}; save or download the file again`);
	}
}

/**
 * Reads a JSON file that holds an object, such as config.json.
 *
 * @throws OptionError as `readJson`, and for anything but an object
 */
export async function readJsonObject(
	files: ModelFiles,
	path: string,
	options: ReadJsonOptions = {},
): Promise<Readonly<Record<string, unknown>> | undefined> {
	const content = await readJson(files, path, options);
	if (content !== undefined && !isRecord(content))
		throw new OptionError(`${files.location}/${path}: it holds ${quoted(content)}; expected an object`);
	return content;
}
