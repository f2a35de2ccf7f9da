import { loadTokenizer } from "../data/tokenizer.js";
import { InputError } from "../errors.js";
import { checkReadsBytes } from "../models/check-bytes.js";
import type { LoadedModel } from "../models/load-model.js";
import { byteCodec } from "./byte-codec.js";
import { tokenCodec } from "./token-codec.js";

/** Text to the ids of a model and back. */
export interface TextCodec {
	/** Ids of a text in UTF-8. Throws `InputError` for bytes there are no ids for. */
	encode(bytes: Uint8Array): Int32Array;
	/** Reads ids that follow those of a prompt. */
	decoder(prompt: ArrayLike<number>): StreamDecoder;
}

/** Turns ids into text as they come, whole characters only. */
export interface StreamDecoder {
	/** The text that is sure with one more id: empty within a character. */
	push(id: number): string;
	/** What is left, such as a character that was cut off, as "\ufffd". */
	end(): string;
}

/**
 * What the ids of a model stand for. `folder`: where it was loaded from, for errors.
 *
 * @throws InputError if the model does not fit its tokenizer, or has none and no ids for all bytes
 */
export async function codecOf({ config, tokenizerPath }: LoadedModel, folder: string): Promise<TextCodec> {
	if (tokenizerPath === null) {
		checkReadsBytes(config, folder);
		return byteCodec;
	}
	const tokenizer = await loadTokenizer(tokenizerPath);
	if (tokenizer.vocabularySize !== config.vocabularySize)
		throw new InputError(
			`"${tokenizerPath}" has ${tokenizer.vocabularySize} tokens, the model in "${folder}" ${config.vocabularySize}; expected the tokenizer it was trained with`,
		);
	return tokenCodec(tokenizer);
}
