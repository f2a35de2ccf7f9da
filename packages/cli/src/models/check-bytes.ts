import { InputError } from "../errors.js";
import { byteValues, type ModelConfig } from "./config.js";

/** Throws `InputError` unless the tokens of the model in `folder` are bytes. */
export function checkReadsBytes({ tokenizer, vocabularySize }: ModelConfig, folder: string): void {
	if (tokenizer !== null) throw new InputError(`"${folder}" reads tokens of a tokenizer; expected a model of bytes`);
	if (vocabularySize !== byteValues)
		throw new InputError(`"${folder}" knows ${vocabularySize} tokens; expected ${byteValues}, one for each byte`);
}
