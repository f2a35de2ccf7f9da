import { OptionError } from "../../errors.js";
import { isRecord, parseJson } from "./json.js";
import type { ModelFiles } from "./model-files.js";

/** Files of tokenizers, of which a checkpoint has some. */
const names = [
	"tokenizer.json",
	"tokenizer_config.json",
	"special_tokens_map.json",
	"added_tokens.json",
	"vocab.json",
	"merges.txt",
	"vocab.txt",
	"spiece.model",
	"sentencepiece.bpe.model",
];

/** Larger files belong to no tokenizer. */
const mostBytes = 100_000_000;

/**
 * Contents of the files of a checkpoint's tokenizer by name, to be saved with a model.
 *
 * @throws OptionError for a file that is too large
 */
export async function readTokenizerFiles(files: ModelFiles): Promise<Map<string, Uint8Array>> {
	const contents = new Map<string, Uint8Array>();
	for (const name of names) {
		const size = await files.size(name);
		if (size === undefined) continue;
		if (size > mostBytes)
			throw new OptionError(`${files.location}/${name}: it has ${size} bytes; expected at most ${mostBytes}`);
		contents.set(name, await files.read(name, 0, size));
	}
	return contents;
}

const configName = "tokenizer_config.json";

/**
 * The files of a tokenizer for a model of another length or kind: tokenizer_config.json says so.
 *
 * @param changes fields with their values
 * @param defaults fields with values for files that lack them
 */
export function changeTokenizerConfig(
	files: ReadonlyMap<string, Uint8Array>,
	changes: Readonly<Record<string, unknown>>,
	defaults: Readonly<Record<string, unknown>>,
): Map<string, Uint8Array> {
	const content = files.get(configName);
	const config = content ? parseJson(content) : {};
	if (!isRecord(config)) throw new OptionError(`${configName}: it is no JSON object; save the tokenizer again`);
	const changed = `${JSON.stringify({ ...defaults, ...config, ...changes }, null, 2)}\n`;
	return new Map([...files, [configName, new TextEncoder().encode(changed)]]);
}
