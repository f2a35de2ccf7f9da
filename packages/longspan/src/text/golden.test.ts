import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createTokenizer } from "./create-tokenizer.js";
import type { Encoding } from "./tokenizer.js";

/** Tokenizers with what Hugging Face's own library makes of difficult texts; not part of this project. */
const root = new URL("../../../../../shared/golden/", import.meta.url);
const folders = existsSync(root)
	? readdirSync(root).filter((folder) => existsSync(new URL(`${folder}/tokens.json`, root)))
	: [];

interface GoldenEncoding {
	ids: number[];
	/** Left out for long texts. */
	tokens?: string[];
	offsets: [number, number][];
	offsets_utf16?: [number, number][];
	type_ids?: number[];
	special_tokens_mask?: number[];
}

interface GoldenText {
	text: string;
	pair?: string;
	with_special: GoldenEncoding;
	without_special: GoldenEncoding;
	decoded?: string;
	decoded_skip_special?: string;
}

const read = (folder: string, file: string) => JSON.parse(readFileSync(new URL(`${folder}/${file}`, root), "utf8"));

function compare(actual: Encoding, expected: GoldenEncoding): void {
	const zeros = expected.ids.map(() => 0);
	expect({
		ids: actual.ids,
		tokens: actual.tokens,
		offsets: actual.offsets,
		typeIds: actual.typeIds,
		special: actual.sources.map((source) => Number(source === null)),
	}).toEqual({
		ids: expected.ids,
		tokens: expected.tokens ?? actual.tokens,
		offsets: expected.offsets_utf16 ?? expected.offsets,
		typeIds: expected.type_ids ?? zeros,
		special: expected.special_tokens_mask ?? zeros,
	});
}

describe.skipIf(folders.length === 0).each(folders)("the tokenizer of %s", (folder) => {
	const tokenizer = createTokenizer(
		read(folder, "tokenizer.json"),
		read(folder, "tokenizer_config.json"),
		read(folder, "special_tokens_map.json"),
	);
	const { strings, pairs } = read(folder, "tokens.json") as { strings: GoldenText[]; pairs: GoldenText[] };

	it.each([...strings, ...pairs])("gives the tokens, offsets and text of $text", (golden) => {
		const { text, pair } = golden;
		const whole = tokenizer.encode(text, { pair });
		compare(whole, golden.with_special);
		compare(tokenizer.encode(text, { pair, addSpecialTokens: false }), golden.without_special);
		const [first, second] = [text, pair].map((each) => tokenizer.encode(each ?? "", { addSpecialTokens: false }));
		expect(tokenizer.withSpecialTokens(first as Encoding, pair === undefined ? undefined : second)).toEqual(whole);
		if (golden.decoded === undefined) return;
		expect(tokenizer.decode(whole.ids)).toBe(golden.decoded);
		expect(tokenizer.decode(whole.ids, { skipSpecialTokens: true })).toBe(golden.decoded_skip_special);
	});
});
