import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
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
	// Loaded where it is wanted only: most runs train on bytes.
	const library = await import("@huggingface/tokenizers");
	const { tokenizer, vocabularySize } = attempt(file, () => {
		const tokenizer = new library.Tokenizer(description, config);
		return { tokenizer, vocabularySize: 1 + largest(tokenizer.get_vocab().values()) };
	});
	return {
		vocabularySize,
		files: new Map([
			[tokenizerFiles.tokenizer, text],
			[tokenizerFiles.config, configText],
		]),
		encode(text) {
			const { ids } = tokenizer.encode(text, { add_special_tokens: false });
			if (!ids.every(Number.isInteger))
				throw new InputError(
					`"${file}" has no token for a part of the text, and none for what is unknown: use a tokenizer made for this text, or train on bytes, without one`,
				);
			return Int32Array.from(ids);
		},
		decode: (ids) => (ids.length === 0 ? "" : tokenizer.decode([...ids], { clean_up_tokenization_spaces: false })),
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

/** The library's errors are of many kinds; any tells that it cannot use the file. */
function attempt<T>(path: string, use: () => T): T {
	try {
		return use();
	} catch (error) {
		throw new InputError(`"${path}" is no tokenizer that can be used: ${(error as Error).message}`);
	}
}

function largest(values: Iterable<number>): number {
	let most = -1;
	for (const value of values) most = Math.max(most, value);
	return most;
}
