import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InputError } from "../errors.js";
import { splitFiles } from "./corpus.js";
import { listFiles } from "./list-files.js";
import { TextRange } from "./text-range.js";
import { tokenWindows } from "./token-windows.js";
import { loadTokenizer } from "./tokenizer.js";
import { bitsPerByte } from "./window-source.js";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "longspan-tokens-"));
});
afterEach(() => {
	rmSync(folder, { recursive: true, force: true });
});

function write(name: string, content: string | Uint8Array): string {
	const path = join(folder, name);
	writeFileSync(path, content);
	return path;
}

/** How byte-level BPE writes a byte as a character (GPT-2). */
function byteCharacters(): string[] {
	const visible = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
	let hidden = 256;
	return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(visible(byte) ? byte : hidden++));
}

/** A byte-level BPE tokenizer with some merges; an id below 256 is a byte. */
function bytePairs(...merges: [string, string][]): object {
	const vocab = Object.fromEntries([...byteCharacters(), ...merges.map((pair) => pair.join(""))].map((t, i) => [t, i]));
	const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
	return {
		version: "1.0",
		added_tokens: [{ id: 300, content: "<end>", special: true, normalized: false }],
		normalizer: null,
		pre_tokenizer: byteLevel,
		post_processor: null,
		decoder: byteLevel,
		model: { type: "BPE", vocab, merges: merges.map((pair) => pair.join(" ")), unk_token: null },
	};
}

const pairs = () => bytePairs(["t", "h"], ["th", "e"], ["Ġ", "the"], ["Ã", "¼"]);
const tokenizer = (description: object = pairs()) =>
	loadTokenizer(write("tokenizer.json", JSON.stringify(description)));
const corpusOf = (...paths: string[]) => splitFiles(listFiles(paths), { text: true });

describe("loadTokenizer", () => {
	it("takes a file or a folder and turns text into ids and back", async () => {
		mkdirSync(join(folder, "t"));
		writeFileSync(join(folder, "t", "tokenizer.json"), JSON.stringify(pairs()));
		for (const path of [join(folder, "t"), join(folder, "t", "tokenizer.json")]) {
			const { encode, decode, vocabularySize, files } = await loadTokenizer(path);
			expect(vocabularySize).toBe(301);
			expect([...encode("the the ü!<end>")]).toEqual([257, 258, 32, 259, 33, 300]);
			expect(decode([...encode(" the ü , they")])).toBe(" the ü , they");
			expect(decode([])).toBe("");
			expect([...files.keys()]).toEqual(["tokenizer.json", "tokenizer_config.json"]);
		}
	});

	it("can be read from its own copy", async () => {
		const text = "ON the  Öther";
		for (const config of [null, { clean_up_tokenization_spaces: true, model_max_length: 4 }]) {
			if (config) write("tokenizer_config.json", JSON.stringify(config));
			const { files, encode } = await tokenizer();
			mkdirSync(join(folder, "copy"), { recursive: true });
			for (const [name, content] of files) writeFileSync(join(folder, "copy", name), content);
			const copy = await loadTokenizer(join(folder, "copy"));
			expect(copy.encode(text)).toEqual(encode(text));
			expect(copy.decode([...encode(text)])).toBe(text);
		}
	});

	it.each([
		["a missing file", () => join(folder, "none"), /cannot read ".*none": there is no such file/],
		["a folder without", () => folder, /cannot read ".*tokenizer.json": there is no such file/],
		["no JSON", () => write("x.json", "{"), /"\S*x.json" is no tokenizer: it is no JSON/],
		["no object", () => write("x.json", "7"), /is no tokenizer: it is no JSON object/],
		["something else", () => write("x.json", '{"dim": 4}'), /"\S*x.json" is no tokenizer that can be used: \S/],
		[
			"an unknown model",
			() => write("x.json", JSON.stringify({ ...pairs(), model: { type: "Magic" } })),
			/x.json" is no tokenizer that can be used: .*Magic/,
		],
	])("tells of %s in one line", async (_, path, message) => {
		const failure = await loadTokenizer(path()).catch((error: unknown) => error);
		expect(failure).toBeInstanceOf(InputError);
		expect((failure as Error).message).toMatch(message);
	});

	it("tells of text that it has no ids for", async () => {
		const { encode } = await tokenizer({
			...pairs(),
			model: { type: "WordPiece", vocab: { a: 0 }, unk_token: "[UNK]", continuing_subword_prefix: "##" },
		});
		expect(() => encode("ab")).toThrow(/has no token for a part of the text, and none for what is unknown/);
	});
});

describe("TextRange", () => {
	const range = (...texts: string[]) =>
		new TextRange(corpusOf(...texts.map((text, index) => write(`f${index}`, text))).train);

	it("reads whole words and characters wherever it starts and ends", () => {
		const text = "größer über möglich ".repeat(20);
		const read = range(text);
		for (let offset = 1; offset < 60; offset++)
			for (let length = 40; length < 70; length += 7) {
				const { text: part, bytes } = read.read(offset, length);
				expect(part).toMatch(/^ (größer|über|möglich)( (größer|über|möglich))*$/);
				expect(bytes).toBe(Buffer.byteLength(part));
			}
		expect(read.read(0, 30).text).toBe("größer über möglich");
		expect(read.read(0, 1e6).bytes).toBe(read.length);
	});

	it("reads whole characters where there are no spaces", () => {
		const read = range("長文𝄞".repeat(100));
		for (let offset = 0; offset < 20; offset++) expect(read.read(offset, 50).text).toMatch(/^[長文𝄞]{12,20}$/u);
	});

	it("goes on in the next file, and splits files between characters", () => {
		const texts = ["é".repeat(10), "日本語".repeat(8), `${"x".repeat(17)}𝄞`];
		const { train, heldOut } = corpusOf(...texts.map((text, index) => write(`f${index}`, text)));
		const [first, last] = [train, heldOut].map((part) => new TextRange(part).read(0, 1000).text);
		expect(first).toBe(`${"é".repeat(9)}${"日本語".repeat(7)}${"x".repeat(17)}`);
		expect(last).toBe("é日本語𝄞");
	});

	it("names a file that is no text, at once or where it is read", () => {
		const bad = Uint8Array.from({ length: 100 }, (_, index) => 100 + index);
		const [good, picture, large] = [write("a", "text ".repeat(50)), write("picture", bad), write("large", "text ")];
		expect(() => new TextRange(corpusOf(good, picture).train)).toThrow(InputError);
		expect(() => new TextRange(corpusOf(good, picture, good).train)).toThrow(/picture" is no text in UTF-8/);
		const size = 100 * 2 ** 20;
		truncateSync(large, size);
		writeFileSync(large, bad, { flag: "a" });
		const text = new TextRange(corpusOf(large).heldOut);
		expect(text.read(5, 100).bytes).toBe(100);
		expect(() => text.read(text.length - 90, 90)).toThrow(/large" is no text in UTF-8/);
	});
});

describe("tokenWindows", () => {
	const story = Array.from({ length: 900 }, (_, index) => `the ${index}th night über them`).join(" ");

	it("are those of the whole text, and a function of the seed and the step", async () => {
		const tokens = await tokenizer();
		const corpus = () => corpusOf(write("story", story));
		const make = (seed: number) => tokenWindows(corpus(), tokens, { lengths: [30], batch: 3, seed });
		const train = new TextRange(corpus().train).read(0, 1e6).text;
		const all = ` ${tokens.encode(train).join(" ")} `;
		const [one, two] = [make(1), make(1)];
		const drawn = new Set<string>();
		let [told, exact] = [0, 0];
		for (let step = 0; step < 50; step++) {
			const { ids, count, bytes } = one.trainingBatch(step);
			expect([ids.length, count]).toEqual([93, 3]);
			for (let row = 0; row < 3; row++) {
				const window = ids.subarray(row * 31, (row + 1) * 31);
				expect(all).toContain(` ${window.join(" ")} `);
				drawn.add(window.join());
			}
			told += bytes;
			for (let row = 0; row < 3; row++)
				exact += Buffer.byteLength(tokens.decode([...ids.subarray(row * 31 + 1, (row + 1) * 31)]));
		}
		expect(told / exact).toBeCloseTo(1, 1);
		expect(drawn.size).toBeGreaterThan(140);
		for (const step of [49, 3, 2 ** 32]) expect(two.trainingBatch(step)).toEqual(one.trainingBatch(step));
		expect(make(2).trainingBatch(0).ids).not.toEqual(one.trainingBatch(0).ids);
	});

	it("holds out windows of the last tenth, with the bytes they stand for", async () => {
		const tokens = await tokenizer();
		const corpus = corpusOf(write("story", story));
		const windows = tokenWindows(corpus, tokens, { lengths: [20, 40], batch: 2, seed: 0 });
		const batches = windows.heldOut(5);
		expect(batches.map(({ count }) => count)).toEqual([2, 2, 1]);
		expect(windows.heldOut(5)).toEqual(batches);
		const last = new TextRange(corpus.heldOut).read(0, 1e6).text;
		for (const { ids, count } of batches)
			for (let row = 0; row < count; row++)
				expect(last).toContain(tokens.decode([...ids.slice(row * 41, (row + 1) * 41)]));
		expect(windows.heldOutLength).toBe(40);
		// A model that gives every token of this text the same probability is as good per byte as the text has tokens per byte.
		const nats = 5 * 40 * Math.log(301);
		const bytes = batches.reduce((sum, batch) => sum + batch.bytes, 0);
		const expected = (Math.log2(301) * tokens.encode(last).length) / Buffer.byteLength(last);
		expect(bitsPerByte(nats, bytes) / expected).toBeCloseTo(1, 1);
	});

	it("reads more where tokens are longer than elsewhere", async () => {
		const tokens = await tokenizer();
		const text = write("mixed", `${"x".repeat(100_000)} ${"the ".repeat(100_000)}`);
		const windows = tokenWindows(corpusOf(text), tokens, { lengths: [500], batch: 1, seed: 0 });
		for (let step = 0; step < 20; step++) expect(windows.trainingBatch(step).ids.length).toBe(501);
	});

	it("says how many tokens there are and are needed", async () => {
		const tokens = await tokenizer();
		const corpus = corpusOf(write("story", story.slice(0, 2000)));
		const make = (length: number) => tokenWindows(corpus, tokens, { lengths: [length], batch: 1, seed: 0 });
		const tiny = () =>
			tokenWindows(corpusOf(write("tiny", story.slice(0, 600))), tokens, { lengths: [200], batch: 1, seed: 0 });
		expect(tiny).toThrow(
			/^the held-out part of the files .* has [\d,]+ tokens; a window of length 64 needs 65: give more/,
		);
		expect(() => make(4000)).toThrow(/^the part to train on of the files .* a window of length 4,000 needs 4,001/);
		expect(make(50).heldOut(100)).toHaveLength(1);
		const { heldOutLength, heldOut } = make(400);
		expect(heldOutLength).toBeGreaterThan(64);
		expect(heldOutLength).toBeLessThan(200);
		expect(heldOut(100).map(({ ids, count }) => [ids.length, count])).toEqual([[heldOutLength + 1, 1]]);
	});
});
