import { describe, expect, it } from "vitest";
import { LongspanError, OptionError } from "../errors.js";
import type { ModelFiles } from "../pretrained/files/model-files.js";
import { uniformStream } from "../testing/random-values.js";
import { createTokenizer } from "./create-tokenizer.js";
import { loadTokenizer } from "./load-tokenizer.js";

const cls = { token: "[CLS]", id: 1 };
const sep = { token: "[SEP]", id: 2 };
const words = {
	added_tokens: ["[UNK]", "[CLS]", "[SEP]", "[PAD]"].map((content, id) => ({ id, content, special: true })),
	normalizer: { type: "BertNormalizer" },
	pre_tokenizer: { type: "BertPreTokenizer" },
	post_processor: { type: "BertProcessing", cls: ["[CLS]", 1], sep: ["[SEP]", 2] },
	decoder: { type: "WordPiece", prefix: "##", cleanup: false },
	model: {
		type: "WordPiece",
		unk_token: "[UNK]",
		continuing_subword_prefix: "##",
		vocab: { "[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "[PAD]": 3, a: 4, "##b": 5, b: 6, ".": 7 },
	},
};
const pieces = {
	normalizer: { type: "NFKC" },
	pre_tokenizer: { type: "Metaspace", replacement: "▁", prepend_scheme: "always" },
	post_processor: null,
	decoder: { type: "Metaspace", replacement: "▁", prepend_scheme: "always" },
	model: {
		type: "Unigram",
		unk_id: 0,
		vocab: [
			["<unk>", 0],
			["▁", -2],
			["a", -2],
			["▁a", -3],
			["aa", -3],
			["aaa", -9],
		],
	},
};
const pairs = {
	pre_tokenizer: { type: "ByteLevel", add_prefix_space: false },
	decoder: { type: "ByteLevel" },
	model: {
		type: "BPE",
		vocab: { a: 0, aa: 1, aaaa: 2, Ġ: 3, Ġa: 4 },
		merges: [
			["a", "a"],
			["aa", "aa"],
			["Ġ", "a"],
		],
	},
};
const encodePlain = (description: object, text: string) =>
	createTokenizer(description).encode(text, { addSpecialTokens: false });

describe("createTokenizer", () => {
	it("encodes a text and a pair, and windows of them", () => {
		const tokenizer = createTokenizer(words);
		const [text, pair] = ["Ab b.", "b"];
		expect(tokenizer.encode(text, { pair })).toEqual({
			ids: [1, 4, 5, 6, 7, 2, 6, 2],
			tokens: ["[CLS]", "a", "##b", "b", ".", "[SEP]", "b", "[SEP]"],
			offsets: [
				[0, 0],
				[0, 1],
				[1, 2],
				[3, 4],
				[4, 5],
				[0, 0],
				[0, 1],
				[0, 0],
			],
			typeIds: [0, 0, 0, 0, 0, 0, 1, 1],
			sources: [null, 0, 0, 0, 0, null, 1, null],
		});
		const { ids, tokens, offsets, typeIds, sources } = tokenizer.encode(text, { addSpecialTokens: false });
		const cut = <Value>(list: readonly Value[]) => list.slice(2, 3);
		const part = {
			ids: cut(ids),
			tokens: cut(tokens),
			offsets: cut(offsets),
			typeIds: cut(typeIds),
			sources: cut(sources),
		};
		const window = tokenizer.withSpecialTokens(tokenizer.encode(pair, { addSpecialTokens: false }), part);
		expect(window.ids).toEqual([1, 6, 2, 6, 2]);
		expect(window.offsets[3]).toEqual([3, 4]);
	});

	it("decodes, leaving out special tokens, ids of no token, and blanks that were added", () => {
		const tokenizer = createTokenizer(words, { clean_up_tokenization_spaces: true });
		const { ids } = tokenizer.encode("ab .");
		expect(tokenizer.decode(ids)).toBe("[CLS] ab. [SEP]");
		expect(tokenizer.decode([99, ...ids], { skipSpecialTokens: true, cleanUpSpaces: false })).toBe("ab .");
		expect(tokenizer.decode([])).toBe("");
	});

	it("knows its vocabulary, special tokens and longest input", () => {
		const named = { cls_token: { content: "[CLS]" }, sep_token: "[SEP]", pad_token: null, mask_token: "[MASK]" };
		const tokenizer = createTokenizer(
			words,
			{ ...named, model_max_length: 512 },
			{ pad_token: "[PAD]", cls_token: "a" },
		);
		expect(tokenizer.special).toEqual({ cls, sep, pad: { token: "[PAD]", id: 3 } });
		expect(tokenizer.maxLength).toBe(512);
		expect(tokenizer.vocabularySize).toBe(8);
		expect([tokenizer.idOf("##b"), tokenizer.idOf("c"), tokenizer.tokenOf(5), tokenizer.tokenOf(8)]).toEqual([
			5,
			undefined,
			"##b",
			undefined,
		]);
		expect([tokenizer.isSpecial(2), tokenizer.isSpecial(4)]).toEqual([true, false]);
		const unnamed = createTokenizer(words, { model_max_length: 1e30 });
		expect(unnamed.special).toEqual({ cls, sep, pad: { token: "[PAD]", id: 3 }, unk: { token: "[UNK]", id: 0 } });
		expect(unnamed.maxLength).toBeUndefined();
	});

	it.each([
		[null, undefined],
		[["input_ids", "attention_mask"], false],
		[["input_ids", "token_type_ids", "attention_mask"], true],
	])("knows of model_input_names %j whether models are told types", (model_input_names, gives) => {
		expect(createTokenizer(words, { model_input_names }).givesTypeIds).toBe(gives);
	});

	it("refuses options by other names, and ids that are no list", () => {
		const { encode, decode } = createTokenizer(words);
		expect(() => encode("a", { add_special_tokens: false } as object)).toThrow(
			/encode: add_special_tokens is no option; expected pair, addSpecialTokens/,
		);
		expect(() => decode([4], { skip_special_tokens: true } as object)).toThrow(OptionError);
		expect(() => decode(4 as never)).toThrow(/decode: ids is 4; expected a list of ids/);
	});

	it("finds added tokens by their flags", () => {
		const token = (id: number, content: string, flags: object) => ({ id, content, ...flags });
		const { tokens, offsets } = encodePlain(
			{
				...words,
				added_tokens: [
					token(10, "<l>", { lstrip: true, normalized: false }),
					token(11, "<r>", { rstrip: true, normalized: false }),
					token(12, "AB", { single_word: true, normalized: true }),
					token(13, "<l>b", { normalized: false }),
				],
			},
			"a <l> <r>  b ab aba <l>b",
		);
		expect(tokens).toEqual(["a", " <l>", "<r>  ", "b", "ab", "[UNK]", "<l>b"]);
		expect(offsets.slice(1, 5)).toEqual([
			[1, 5],
			[6, 11],
			[11, 12],
			[13, 15],
		]);
	});

	it("takes any string: nothing, half a character, one", () => {
		const tokenizer = createTokenizer(words);
		expect(tokenizer.encode("").ids).toEqual([1, 2]);
		expect(tokenizer.encode("", { pair: "" }).ids).toEqual([1, 2, 2]);
		expect(tokenizer.encode("[SEP][CLS]", { addSpecialTokens: false }).offsets).toEqual([
			[0, 5],
			[5, 10],
		]);
		// What replaces half a character is left out by this normaliser.
		expect(tokenizer.encode("a \ud83d b\udc4d", { addSpecialTokens: false })).toMatchObject({
			ids: [4, 6],
			offsets: [
				[0, 1],
				[4, 5],
			],
		});
		expect(encodePlain(pieces, "\ud83d😀").offsets).toEqual([
			[0, 1],
			[0, 3],
		]);
		expect(() => tokenizer.encode(7 as never)).toThrow(/^encode: argument text is 7; expected a string/);
	});

	it("prefers the more likely tokens, and the earlier of two merges", () => {
		expect(encodePlain(pieces, "aaa").tokens).toEqual(["▁a", "aa"]);
		expect(encodePlain(pairs, "aaaaaaa").tokens).toEqual(["aaaa", "aa", "a"]);
		expect(encodePlain(pairs, "aa a").tokens).toEqual(["aa", "Ġa"]);
	});

	it("takes linear time for a word of very many characters", { timeout: 60_000 }, () => {
		const length = 300_000;
		expect(encodePlain(words, "ё".repeat(length)).offsets).toEqual([[0, length]]);
		expect(encodePlain(pieces, "ｱ".repeat(length)).offsets.at(-1)).toEqual([0, length]);
		expect(encodePlain(pieces, `a${"\u0301\u0323".repeat(length / 20)}`).ids.length).toBeGreaterThan(0);
		expect(encodePlain(pairs, "a".repeat(length)).ids.length).toBe(length / 4);
		expect(encodePlain(pairs, " ".repeat(length)).ids.length).toBe(length);
	});

	it("tells of a text that it has no tokens for", () => {
		const withoutUnknown = { ...words, model: { ...words.model, vocab: { a: 4 } } };
		expect(() => encodePlain(withoutUnknown, "a c")).toThrow(/no token for a part of the text.*"c"/);
		expect(() => encodePlain({ ...pieces, model: { ...pieces.model, unk_id: null } }, "c")).toThrow(OptionError);
	});

	it.each<[what: string, description: unknown, message: RegExp]>([
		["no object", 7, /^tokenizer.json: the file is 7; expected an object/],
		["no model", {}, /^tokenizer.json: model is undefined; expected an object/],
		[
			"an unknown model",
			{ model: { type: "Magic" } },
			/model.type is "Magic"; expected BPE, Unigram, WordLevel, WordPiece/,
		],
		["a field that every object has", { model: { type: "toString" } }, /model.type is "toString"/],
		["an unknown step", { ...words, pre_tokenizer: { type: "Magic" } }, /pre_tokenizer.type is "Magic"; expected Bert/],
		[
			"an unknown step of several",
			{ ...words, normalizer: { type: "Sequence", normalizers: [{ type: "NFC" }, { type: "Nmt" }] } },
			/normalizer.normalizers\[1\].type is "Nmt"/,
		],
		["an id that is none", { ...words, model: { ...words.model, vocab: { a: -1 } } }, /model.vocab has -1 for "a"/],
		["dropout", { ...pairs, model: { ...pairs.model, dropout: 0.1 } }, /model.dropout is 0.1; expected null/],
		["a merge of no tokens", { ...pairs, model: { ...pairs.model, merges: ["a x"] } }, /model.merges\[0\] is "a x"/],
		[
			"an unusable expression",
			{ ...words, pre_tokenizer: { type: "Split", pattern: { Regex: "(" }, behavior: "Isolated" } },
			/pre_tokenizer.pattern.Regex is "\("; expected a regular expression/,
		],
		[
			"a broken table",
			{ ...words, normalizer: { type: "Precompiled", precompiled_charsmap: "AAAA" } },
			/normalizer.precompiled_charsmap is "AAAA"; expected a table/,
		],
	])("refuses %s", (_, description, message) => {
		expect(() => createTokenizer(description)).toThrow(OptionError);
		expect(() => createTokenizer(description)).toThrow(message);
	});

	it("gives tokens or one clear error for mutated files", () => {
		const uniform = uniformStream(5);
		const pick = <Value>(values: readonly Value[]) => values[Math.floor(uniform() * values.length)] as Value;
		const values = [null, -1, 0.5, 2 ** 40, "", "x", true, [], {}, [[]], [1, "a"], { type: "Sequence" }];
		const texts = ["", "a aaa ab.", "\ud83d", "ＡΣé 😀 ..", "▁<0x41>"];
		let refused = 0;
		for (let round = 0; round < 1500; round++) {
			const copy = structuredClone(pick([words, pieces, pairs])) as Record<string, unknown>;
			let at: Record<string, unknown> = copy;
			for (;;) {
				const name = pick(Object.keys(at));
				const inner = at[name];
				if (typeof inner === "object" && inner !== null && Object.keys(inner).length > 0 && uniform() < 0.7) {
					at = inner as Record<string, unknown>;
					continue;
				}
				if (uniform() < 0.3) delete at[name];
				else at[name] = pick(values);
				break;
			}
			try {
				const tokenizer = createTokenizer(JSON.parse(JSON.stringify(copy)), { model_max_length: pick(values) });
				for (const text of texts) tokenizer.decode(tokenizer.encode(text, { pair: pick(texts) }).ids);
			} catch (error) {
				if (!(error instanceof LongspanError)) throw new Error(JSON.stringify(copy), { cause: error });
				expect(error.message).not.toContain("\n");
				refused++;
			}
		}
		expect(refused).toBeGreaterThan(500);
	});
});

describe("loadTokenizer", () => {
	const filesOf = (contents: Readonly<Record<string, string>>): ModelFiles => ({
		location: "somewhere",
		size: async (path) => contents[path]?.length,
		read: async (path, begin, end) => new TextEncoder().encode(contents[path]).subarray(begin, end),
	});

	it("reads a checkpoint's files, and needs only tokenizer.json", async () => {
		const tokenizer = await loadTokenizer(filesOf({ "tokenizer.json": JSON.stringify(words) }));
		expect(tokenizer.encode("ab").ids).toEqual([1, 4, 5, 2]);
		const config = JSON.stringify({ model_max_length: 64, sep_token: "[SEP]" });
		const more = filesOf({ "tokenizer.json": JSON.stringify(words), "tokenizer_config.json": config });
		expect((await loadTokenizer(more)).maxLength).toBe(64);
		const special = JSON.stringify({ cls_token: "[CLS]" });
		const map = filesOf({ "tokenizer.json": JSON.stringify(words), "special_tokens_map.json": special });
		expect((await loadTokenizer(map)).special).toEqual({ cls });
	});

	it.each([
		[{}, /^somewhere: there is no tokenizer.json; expected one, which .*save_pretrained/],
		[{ "tokenizer.json": "{" }, /^somewhere\/tokenizer.json/],
		[{ "tokenizer.json": '{"model": 1}' }, /^somewhere\/tokenizer.json: model is 1; expected an object/],
		[
			{ "tokenizer.json": JSON.stringify(words), "tokenizer_config.json": "[]" },
			/^somewhere\/tokenizer_config.json: the file is an array/,
		],
	])("refuses %j", async (contents, message) => {
		await expect(loadTokenizer(filesOf(contents as Record<string, string>))).rejects.toThrow(message);
	});
});
