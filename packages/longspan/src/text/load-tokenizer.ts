import { OptionError } from "../errors.js";
import type { ModelFiles } from "../pretrained/files/model-files.js";
import { readJson } from "../pretrained/files/read-json.js";
import type { Tokenizer } from "./tokenizer.js";

/**
 * The tokenizer of a checkpoint: its tokenizer.json, and what tokenizer_config.json and special_tokens_map.json say if they are
 * there.
 *
 * @throws OptionError if there is no tokenizer.json, or one of the files is malformed or not supported
 */
export async function loadTokenizer(files: ModelFiles): Promise<Tokenizer> {
	const [tokenizer, config, map] = await Promise.all(
		["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"].map((path) =>
			readJson(files, path, { optional: true }),
		),
	);
	if (tokenizer === undefined)
		throw new OptionError(
			`${files.location}: there is no tokenizer.json; expected one, which AutoTokenizer.from_pretrained(…, use_fast=True).save_pretrained(…) in Python's transformers writes`,
		);
	try {
		return await readTokenizer(tokenizer, config ?? {}, map ?? {});
	} catch (error) {
		if (error instanceof OptionError) throw new OptionError(`${files.location}/${error.message}`);
		throw error;
	}
}

/**
 * A tokenizer from the contents of its files, parsed.
 *
 * @param tokenizerJson of tokenizer.json
 * @param tokenizerConfig of tokenizer_config.json
 * @param specialTokensMap of special_tokens_map.json
 * @throws OptionError naming the field that is missing, malformed or not supported
 */
export async function readTokenizer(
	tokenizerJson: unknown,
	tokenizerConfig: unknown = {},
	specialTokensMap: unknown = {},
): Promise<Tokenizer> {
	// When it is needed: the library it uses has a name that pages without a bundler could not resolve.
	const { createTokenizer } = await import("./create-tokenizer.js");
	return createTokenizer(tokenizerJson, tokenizerConfig, specialTokensMap);
}
