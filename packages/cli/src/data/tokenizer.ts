import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { OptionError, readTokenizer } from "longspan";
import { InputError } from "../errors.js";
import { reading } from "./list-files.js";

/** Turns text into ids and back. */
export interface Tokenizer {
	/** One more than the largest id. */
	readonly vocabularySize: number;
	/** The files it was read from by their names, for a copy of it. */
	readonly files: ReadonlyMap<string, string>;
	/** Ids of a text, without special tokens around it. Throws `InputError` for text that it has no ids for. */
	encode(text: string): Int32Array;
	/** Text of some ids. Special tokens are written as they are called. */
	decode(ids: readonly number[]): string;
}

/** Names of a tokenizer's files. */
export const tokenizerFiles = { tokenizer: "tokenizer.json", config: "tokenizer_config.json" } as const;

/**
 * Reads a tokenizer in the format of Hugging Face's `tokenizers`. `path`: its `tokenizer.json`, or the folder with that file; a
 * `tokenizer_config.json` beside it is heeded.
 *
 * @throws InputError naming the file that is missing or cannot be used
 */
export async function loadTokenizer(path: string): Promise<Tokenizer> {
	const isFolder = reading(path, () => statSync(path)).isDirectory();
	const file = isFolder ? join(path, tokenizerFiles.tokenizer) : path;
	const configFile = join(dirname(file), tokenizerFiles.config);
	const text = reading(file, () => readFileSync(file, "utf8"));
	const configText = statSync(configFile, { throwIfNoEntry: false })
		? reading(configFile, () => readFileSync(configFile, "utf8"))
		: "{}";
	const [description, config] = [parse(file, text), parse(configFile, configText)];
	const tokenizer = await readTokenizer(description, config).catch((error: Error) => {
		throw new InputError(`"${file}" is no tokenizer that can be used: ${error.message}`);
	});
	return {
		vocabularySize: tokenizer.vocabularySize,
		files: new Map([
			[tokenizerFiles.tokenizer, text],
			[tokenizerFiles.config, configText],
		]),
		encode(text) {
			try {
				return Int32Array.from(tokenizer.encode(text, { addSpecialTokens: false }).ids);
			} catch (error) {
				throw error instanceof OptionError ? new InputError(`"${file}": ${error.message}`) : error;
			}
		},
		decode: (ids) => tokenizer.decode(ids, { cleanUpSpaces: false }),
	};
}

function parse(path: string, text: string): object {
	let found: unknown;
	try {
		found = JSON.parse(text);
	} catch {
		throw new InputError(`"${path}" is no tokenizer: it is no JSON`);
	}
	if (typeof found !== "object" || found === null)
		throw new InputError(`"${path}" is no tokenizer: it is no JSON object`);
	return found;
}
