import { describe, expect, it } from "vitest";
import type { Tokenizer } from "../data/tokenizer.js";
import { InputError } from "../errors.js";
import { byteCodec } from "./byte-codec.js";
import type { TextCodec } from "./codec.js";
import { tokenCodec } from "./token-codec.js";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** The pieces of text as ids come, and what is left at the end. */
function pieces(codec: TextCodec, prompt: ArrayLike<number>, ids: Iterable<number>): string[] {
	const decoder = codec.decoder(prompt);
	return [...Array.from(ids, (id) => decoder.push(id)), decoder.end()];
}

describe("byteCodec", () => {
	it("gives whole characters as bytes come", () => {
		expect(pieces(byteCodec, utf8("x"), utf8("aü€😀b"))).toEqual([
			"a",
			"",
			"ü",
			"",
			"",
			"€",
			"",
			"",
			"",
			"😀",
			"b",
			"",
		]);
		expect([...byteCodec.encode(utf8("ü"))]).toEqual([0xc3, 0xbc]);
	});

	it("shows what is no text, and a character that is cut off at the end", () => {
		expect(pieces(byteCodec, [], [0xff, 0x61, 0xc3]).join("")).toBe("\ufffda\ufffd");
	});

	it("ends a character that the prompt began", () => {
		expect(pieces(byteCodec, [0x61, 0xc3], [0xbc, 0x61])).toEqual(["ü", "a", ""]);
		expect(pieces(byteCodec, utf8("ü"), [0x61])).toEqual(["a", ""]);
		expect(pieces(byteCodec, utf8("\ufeff"), utf8("\ufeff")).join("")).toBe("\ufeff");
	});
});

describe("tokenCodec", () => {
	// Bytes, some words, and words that lose the space before them where they begin a text.
	const words = new Map([
		[300, " one"],
		[301, " two"],
	]);
	const tokenizer: Tokenizer = {
		vocabularySize: 302,
		files: new Map(),
		encode: (text) => Int32Array.from(utf8(text)),
		decode: (ids) =>
			new TextDecoder()
				.decode(Uint8Array.from(ids.flatMap((id) => [...utf8(words.get(id) ?? "")].concat(id < 256 ? id : []))))
				.trimStart(),
	};
	const codec = tokenCodec(tokenizer);

	it("gives whole characters as ids come", () => {
		expect(pieces(codec, utf8("x"), [0xc3, 0xbc, 300, 0xe2, 0x82, 0xac, 301])).toEqual([
			"",
			"ü",
			" one",
			"",
			"",
			"€",
			" two",
			"",
		]);
	});

	it("keeps the space after the prompt, however long", () => {
		expect(pieces(codec, utf8("some text that is long"), [300, 301]).join("")).toBe(" one two");
		expect(
			pieces(
				codec,
				[300],
				Array.from({ length: 20 }, () => 301),
			).join(""),
		).toBe(" two".repeat(20));
	});

	it("does not wait for the end of what is no character", () => {
		const shown = pieces(codec, utf8("x"), [...Array.from({ length: 9 }, () => 0x80), 0x61, 0xc3]);
		expect(shown.join("")).toBe(`${"\ufffd".repeat(9)}a\ufffd`);
		expect(shown[7]).toBe("\ufffd".repeat(8));
	});

	it("refuses a prompt that is no text", () => {
		expect(() => codec.encode(Uint8Array.of(0xff))).toThrow(InputError);
		expect(() => codec.encode(Uint8Array.of(0xff))).toThrow(/not in UTF-8, which the tokenizer of this model needs/);
	});
});
