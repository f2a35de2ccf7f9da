import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Device, generate, init, treeTensors } from "longspan";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InputError, UsageError } from "../errors.js";
import { buildModel } from "../models/build-model.js";
import { type ModelConfig, modelConfig } from "../models/config.js";
import { type LoadedModel, loadModel } from "../models/load-model.js";
import { saveModel } from "../models/save-model.js";
import { codecOf } from "../text/codec.js";
import { type GenerationWatch, generateText } from "./generate-text.js";
import { generateDefaults, parseGenerateOptions, type RawGenerateOptions } from "./options.js";

describe("parseGenerateOptions", () => {
	const raw: RawGenerateOptions = {
		...generateDefaults,
		...{ tokens: "20", prompt: "Once", stream: false, json: false, turbo: true, device: "wasm" },
	};

	it("understands the defaults", () => {
		const { tokens: _, ...given } = raw;
		expect(parseGenerateOptions("m", given)).toMatchObject({
			...{ model: "m", prompt: { text: "Once" }, tokens: null, temperature: 1, topK: null, topP: 1, seed: 0 },
		});
	});

	it.each<[Partial<RawGenerateOptions>, RegExp]>([
		[{ prompt: "" }, /^--prompt: the text is empty/],
		[{ promptFile: "x" }, /^--prompt: there is --prompt-file, too/],
		[{ tokens: "0" }, /^--tokens: "0" is not valid; expected an integer of at least 1/],
		[{ temperature: "-1" }, /^--temperature: "-1" is not valid/],
		[{ temperature: "warm" }, /^--temperature: "warm" is not valid/],
		[{ topK: "0" }, /^--top-k: "0"/],
		[{ topP: "0" }, /^--top-p: "0" is not valid; expected a number above 0 and of at most 1/],
		[{ topP: "1.5" }, /^--top-p: "1.5"/],
		[{ topP: " " }, /^--top-p: " "/],
		[{ seed: "x" }, /^--seed: "x"/],
		[{ threads: "0" }, /^--threads: "0"/],
		[{ device: "abacus" }, /^--device: "abacus"/],
		[{ stream: true, json: true }, /^--stream: --json prints one document/],
	])("refuses %j", (changes, message) => {
		expect(() => parseGenerateOptions("m", { ...raw, ...changes })).toThrow(UsageError);
		expect(() => parseGenerateOptions("m", { ...raw, ...changes })).toThrow(message);
	});

	it("needs a prompt, and a path that is one", () => {
		const { prompt: _, ...without } = raw;
		expect(() => parseGenerateOptions("m", without)).toThrow(/there is no prompt; expected --prompt or --prompt-file/);
		expect(() => parseGenerateOptions("m", { ...without, promptFile: "" })).toThrow(
			/^--prompt-file: the path is empty/,
		);
		expect(() => parseGenerateOptions("", raw)).toThrow(/^DIR: the path is empty/);
	});
});

describe("generateText", () => {
	let device: Device;
	let folder: string;
	beforeAll(async () => {
		device = await init({ device: "wasm", threads: 1 });
		folder = mkdtempSync(join(tmpdir(), "longspan-generate-"));
	});
	afterAll(() => {
		device.dispose();
		rmSync(folder, { recursive: true });
	});

	/** Saves a model, loads it and runs a test with it. */
	async function withModel(changes: Partial<ModelConfig>, body: (loaded: LoadedModel) => Promise<void>): Promise<void> {
		const config = modelConfig({ attention: "linear", maxLength: 24, dim: 16, layers: 2, heads: 2, ...changes });
		const { parameters } = buildModel(config, { seed: 3 });
		await saveModel(folder, config, parameters, new Map(config.tokenizer ? [[config.tokenizer, tokenizerText]] : []));
		for (const weight of treeTensors(parameters)) weight.dispose();
		const loaded = loadModel(folder);
		try {
			await body(loaded);
		} finally {
			loaded.dispose();
		}
	}

	const silent: GenerationWatch = { begun() {}, text() {}, signal: new AbortController().signal };
	const settings = { tokens: null, temperature: 1, topK: null, topP: 1, seed: 6 };
	const utf8 = (text: string) => new TextEncoder().encode(text);
	/** A tokenizer of three words and what is unknown. */
	const tokenizerText = JSON.stringify({
		version: "1.0",
		...{ added_tokens: [], normalizer: null, post_processor: null },
		pre_tokenizer: { type: "WhitespaceSplit" },
		decoder: null,
		model: { type: "WordLevel", vocab: { "?": 0, we: 1, go: 2, on: 3 }, unk_token: "?" },
	});

	it("goes on with the bytes that the library generates, told as they come", async () => {
		await withModel({}, async (loaded) => {
			const { buffers } = device.memoryStats();
			const codec = await codecOf(loaded, folder);
			const shown: string[] = [];
			let begun = 0;
			const watch = { ...silent, begun: () => begun++, text: (piece: string) => shown.push(piece) };
			const result = await generateText(device, loaded, codec, utf8("to be"), { ...settings, tokens: 15 }, watch);
			const ids: number[] = [];
			for await (const id of generate(loaded.model, loaded.parameters, utf8("to be"), { tokens: 15, seed: 6 }))
				ids.push(id);
			expect(result).toMatchObject({ ids, tokens: 15, promptTokens: 5, interrupted: false });
			expect(result.text).toBe(new TextDecoder().decode(Uint8Array.from(ids)));
			expect([shown.join(""), begun]).toEqual([result.text, 1]);
			expect(result.tokensPerSecond).toBeCloseTo(14 / result.seconds, 6);
			expect(result.stateBytes).toBeGreaterThan(0);
			expect(device.memoryStats().buffers).toBe(buffers);
		});
	});

	it("generates words of a tokenizer", async () => {
		await withModel({ vocabularySize: 4, tokenizer: "tokenizer.json" }, async (loaded) => {
			const codec = await codecOf(loaded, folder);
			const result = await generateText(device, loaded, codec, utf8("we go"), { ...settings, tokens: 9 }, silent);
			expect(result).toMatchObject({ promptTokens: 2, tokens: 9 });
			expect(result.text.trim().split(/\s+/)).toEqual(result.ids.map((id) => ["?", "we", "go", "on"][id]));
		});
	});

	it("ends when it is told to", async () => {
		await withModel({ positions: "none" }, async (loaded) => {
			const stop = new AbortController();
			const watch = {
				...silent,
				text: (_: string, count: number) => count === 7 && stop.abort(),
				signal: stop.signal,
			};
			const { buffers } = device.memoryStats();
			const codec = await codecOf(loaded, folder);
			const result = await generateText(device, loaded, codec, utf8("a"), { ...settings, tokens: 1e6 }, watch);
			expect(result).toMatchObject({ tokens: 7, interrupted: true });
			expect(device.memoryStats().buffers).toBe(buffers);
		});
	});

	it("generates as much as the model has positions for, and says so where that is less than asked", async () => {
		await withModel({}, async (loaded) => {
			const codec = await codecOf(loaded, folder);
			const go = (length: number, tokens: number | null) =>
				generateText(device, loaded, codec, new Uint8Array(length).fill(97), { ...settings, tokens }, silent);
			expect((await go(20, null)).tokens).toBe(5);
			expect((await go(24, 1)).tokensPerSecond).toBeNull();
			await expect(go(20, 6)).rejects.toThrow(
				/the prompt has 20 tokens; .* end at 24: at most 5 can follow, --tokens asks for 6; .* rotary/,
			);
			await expect(go(25, null)).rejects.toThrow(
				/the prompt has 25 tokens; .* end at 24: shorten it, or train a model/,
			);
			await expect(go(0, null)).rejects.toThrow(/the prompt is empty/);
			await expect(go(25, null)).rejects.toThrow(InputError);
		});
		await withModel({ positions: "rotary" }, async (loaded) => {
			const codec = await codecOf(loaded, folder);
			const result = await generateText(device, loaded, codec, new Uint8Array(30), { ...settings, tokens: 4 }, silent);
			expect(result.tokens).toBe(4);
		});
	});

	it("needs tokens that are known", async () => {
		await withModel({ vocabularySize: 20 }, async (loaded) => {
			await expect(codecOf(loaded, "m")).rejects.toThrow(/^"m" knows 20 tokens; expected 256, one for each byte/);
		});
		await withModel({ vocabularySize: 5, tokenizer: "tokenizer.json" }, async (loaded) => {
			await expect(codecOf(loaded, "m")).rejects.toThrow(/tokenizer.json" has 4 tokens, the model in "m" 5/);
			writeFileSync(join(folder, "tokenizer.json"), "{");
			await expect(codecOf(loaded, "m")).rejects.toThrow(/tokenizer.json" is no tokenizer: it is no JSON/);
		});
	});
});
