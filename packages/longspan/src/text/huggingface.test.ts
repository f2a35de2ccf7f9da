import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createTokenizer } from "./create-tokenizer.js";

/**
 * Kinds of tokenizers with what Hugging Face's library makes of random texts. Made in Python with `tokenizers`: each was trained
 * on some hundred lines to at most 300 tokens (`add_tokens` with every flag where added tokens are), texts are three to eight of a
 * list of difficult ones drawn at random (blanks, marks, ligatures, Hangul, emoji, control characters, added tokens).
 */
const fixture = JSON.parse(readFileSync(new URL("huggingface-fixture.json", import.meta.url), "utf8")) as {
	tokenizers: { name: string; tokenizer: string; cases: string }[];
};

type Case = [text: string, ids: number[], offsets: number[], decoded?: string];

describe.each(fixture.tokenizers)("the tokenizer $name", ({ tokenizer: description, cases }) => {
	const tokenizer = createTokenizer(JSON.parse(description));

	it.each(JSON.parse(cases) as Case[])("gives the tokens, offsets and text of %j", (text, ids, offsets, decoded) => {
		const encoded = tokenizer.encode(text, { addSpecialTokens: false });
		expect(encoded.ids).toEqual(ids);
		expect(encoded.offsets.flat()).toEqual(offsets);
		if (decoded !== undefined) expect(tokenizer.decode(ids)).toBe(decoded);
	});
});
