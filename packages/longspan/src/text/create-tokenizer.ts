import { OptionError } from "../errors.js";
import { checkList, checkOptions, describe, type OptionNames } from "../ops/operands.js";
import { readAddedTokens } from "./added-tokens.js";
import { cleanUpSpaces, readDecoder } from "./decoder.js";
import { encodeText } from "./encode-text.js";
import { JsonFields } from "./json-fields.js";
import { readPostProcessor } from "./post-processor.js";
import { readSpecialTokens } from "./special-tokens.js";
import type { DecodeOptions, EncodeOptions, Encoding, Tokenizer } from "./tokenizer.js";
import { readVocabulary } from "./vocabularies/read-vocabulary.js";
import { withTemplate } from "./with-template.js";

/** Files say this much if a tokenizer knows no longest input. */
const noMaxLength = 1e12;

const encodeOptionNames: OptionNames<EncodeOptions> = { pair: true, addSpecialTokens: true };
const decodeOptionNames: OptionNames<DecodeOptions> = { skipSpecialTokens: true, cleanUpSpaces: true };

/**
 * A tokenizer as `tokenizer.json` describes it: tokens, ids and offsets are those of Hugging Face's library of that name. What
 * the file says of truncation and padding is left to the caller, as in Python.
 *
 * @param tokenizerJson content of tokenizer.json
 * @param tokenizerConfig content of tokenizer_config.json: special tokens, `model_max_length`, `clean_up_tokenization_spaces`
 * @param specialTokensMap content of special_tokens_map.json, for special tokens that the former does not name
 * @throws OptionError naming the field that is missing, malformed or not supported
 */
export function createTokenizer(
	tokenizerJson: unknown,
	tokenizerConfig: unknown = {},
	specialTokensMap: unknown = {},
): Tokenizer {
	const file = JsonFields.of("tokenizer.json", tokenizerJson);
	const config = JsonFields.of("tokenizer_config.json", tokenizerConfig);
	const map = JsonFields.of("special_tokens_map.json", specialTokensMap);
	const vocabulary = readVocabulary(file.object("model"));
	const added = readAddedTokens(file);
	const processor = readPostProcessor(file.objectOrNull("post_processor"));
	const decoder = readDecoder(file.objectOrNull("decoder"));
	const encodeOne = encodeText(file, vocabulary, added, processor.trim);
	const ids = new Map([...vocabulary.ids, ...added.map(({ content, id }) => [content, id] as const)]);
	const tokens = new Map(Array.from(ids, ([token, id]) => [id, token]));
	const specialIds = new Set(added.filter(({ special }) => special).map(({ id }) => id));
	const cleansUp = config.flag("clean_up_tokenization_spaces", false) && !file.object("model").has("merges");
	const maxLength = config.number("model_max_length", noMaxLength);
	let vocabularySize = 0;
	for (const id of tokens.keys()) vocabularySize = Math.max(vocabularySize, id + 1);
	const withSpecialTokens = (text: Encoding, pair?: Encoding) => withTemplate(processor, text, pair, true);
	return {
		special: readSpecialTokens([config, map], (token) => ids.get(token), added),
		maxLength: maxLength > 0 && maxLength < noMaxLength ? maxLength : undefined,
		vocabularySize,
		givesTypeIds: config.has("model_input_names")
			? config.list("model_input_names").includes("token_type_ids")
			: undefined,
		encode(text, options = {}) {
			checkOptions("encode", options, encodeOptionNames);
			const { pair, addSpecialTokens = true } = options;
			const encoded = encodeOne(checkText("text", text));
			const second = pair === undefined ? undefined : encodeOne(checkText("pair", pair));
			return withTemplate(processor, encoded, second, addSpecialTokens);
		},
		decode(list, options = {}) {
			checkList("decode", "ids", list, "ids");
			checkOptions("decode", options, decodeOptionNames);
			const { skipSpecialTokens = false, cleanUpSpaces: cleans = cleansUp } = options;
			const kept: string[] = [];
			for (const id of list) {
				const token = tokens.get(id);
				if (token !== undefined && !(skipSpecialTokens && specialIds.has(id))) kept.push(token);
			}
			const text = decoder(kept).join("");
			return cleans ? cleanUpSpaces(text) : text;
		},
		idOf: (token) => ids.get(token),
		tokenOf: (id) => tokens.get(id),
		isSpecial: (id) => specialIds.has(id),
		withSpecialTokens,
	};
}

function checkText(name: string, text: string): string {
	if (typeof text === "string") return text;
	throw new OptionError(`encode: argument ${name} is ${describe(text)}; expected a string`);
}
