import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crossEntropy, type Device, init, intTensor, mapTree, reshape, scope, tensor, treeTensors } from "longspan";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TextWindows } from "../data/window-source.js";
import { InputError, UsageError } from "../errors.js";
import { buildModel } from "../models/build-model.js";
import { modelConfig } from "../models/config.js";
import type { LoadedModel } from "../models/load-model.js";
import { evaluateModel } from "./evaluate.js";
import { evaluateDefaults, parseEvaluateOptions, type RawEvaluateOptions } from "./options.js";
import { readWindows } from "./read-windows.js";

const silent = { start() {}, update() {}, note() {}, finish() {} };

describe("parseEvaluateOptions", () => {
	const raw: RawEvaluateOptions = {
		windows: evaluateDefaults.windows,
		heldOut: false,
		json: false,
		turbo: true,
		device: "wasm",
	};

	it("measures all of the files that are given, and held-out text without", () => {
		expect(parseEvaluateOptions("m", ["a"], raw)).toMatchObject({ heldOut: false, length: null, windows: 256 });
		expect(parseEvaluateOptions("m", ["a"], { ...raw, heldOut: true }).heldOut).toBe(true);
		expect(parseEvaluateOptions("m", [], raw).heldOut).toBe(true);
	});

	it.each<[Partial<RawEvaluateOptions>, string, string[], RegExp]>([
		[{ length: "0" }, "m", [], /^--length: "0" is not valid; expected an integer of at least 1/],
		[{ windows: "some" }, "m", [], /^--windows: "some"/],
		[{ threads: "0" }, "m", [], /^--threads: "0"/],
		[{}, "", [], /^DIR: the path is empty/],
		[{}, "m", ["a", ""], /^FILES: the path is empty/],
	])("refuses %j", (changes, model, files, message) => {
		expect(() => parseEvaluateOptions(model, files, { ...raw, ...changes })).toThrow(UsageError);
		expect(() => parseEvaluateOptions(model, files, { ...raw, ...changes })).toThrow(message);
	});
});

describe("evaluation", () => {
	let device: Device;
	let folder: string;
	let loaded: LoadedModel;
	beforeAll(async () => {
		device = await init({ device: "reference" });
		folder = mkdtempSync(join(tmpdir(), "longspan-evaluate-"));
		const config = modelConfig({ attention: "linear", maxLength: 16, dim: 8, layers: 1, heads: 2 });
		const model = buildModel(config);
		const dispose = () => {
			for (const weight of treeTensors(model.parameters)) weight.dispose();
		};
		loaded = { config, model, parameters: model.parameters, tokenizerPath: null, dispose };
	});
	afterAll(() => {
		device.dispose();
		rmSync(folder, { recursive: true });
	});
	const write = (name: string, content: string | Uint8Array) => {
		const path = join(folder, name);
		writeFileSync(path, content);
		return path;
	};

	it("reads all windows there are of the files, or some at even distances, or of the held-out part", async () => {
		const file = write(
			"counting",
			Uint8Array.from({ length: 100 }, (_, index) => index),
		);
		const read = async (changes: object, length = 9) => {
			const settings = { ...{ files: [file], heldOut: false, windows: 1000, length }, ...changes };
			const windows = await readWindows(settings, null, length);
			for (const { ids, count, bytes } of windows) expect([ids.length, count, bytes]).toEqual([length + 1, 1, length]);
			return windows.map(({ ids }) => ids[0]);
		};
		expect(await read({})).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
		expect(await read({ windows: 3 })).toEqual([0, 45, 90]);
		expect(await read({ heldOut: true })).toEqual([90]);
		await expect(read({}, 100)).rejects.toThrow(/hold 100 bytes to predict; a window of length 100 needs 101/);
		const all = await readWindows({ files: [file], heldOut: false, windows: 9, length: null }, null, 500);
		expect(all.map(({ ids }) => ids.length)).toEqual([100]);
		await expect(read({ files: [join(folder, "missing")] })).rejects.toThrow(InputError);
	});

	it("reads windows of tokens, and counts the bytes they stand for", async () => {
		const tokenizer = {
			version: "1.0",
			...{ added_tokens: [], normalizer: null, post_processor: null },
			pre_tokenizer: { type: "WhitespaceSplit" },
			decoder: null,
			model: { type: "WordLevel", vocab: { "?": 0, we: 1, go: 2, on: 3 }, unk_token: "?" },
		};
		const path = write("tokenizer.json", JSON.stringify(tokenizer));
		const settings = { files: [write("text", "we go on ".repeat(400))], heldOut: false, windows: 3, length: 30 };
		const windows = await readWindows(settings, path, 30);
		expect(windows).toHaveLength(3);
		for (const { ids, bytes } of windows) {
			expect(ids).toHaveLength(31);
			for (let at = 1; at < 31; at++) expect(ids[at]).toBe(((ids[at - 1] as number) % 3) + 1);
			expect(bytes / 30).toBeCloseTo(3, 1);
		}
		await expect(readWindows(settings, path, 3000)).rejects.toThrow(
			/the text of the files has 1,200 tokens; a window of length 3,000 needs 3,001/,
		);
	});

	it("is the mean cross-entropy over all predicted tokens", async () => {
		const windowOf = (length: number, bytes: number, first: number): TextWindows => ({
			...{ ids: Int32Array.from({ length }, (_, index) => (first + 7 * index) % 256), count: 1, bytes },
		});
		const windows = [windowOf(9, 20, 1), windowOf(5, 6, 100)];
		const { liveBytes } = device.memoryStats();
		const result = await evaluateModel(device, loaded, windows, "m", silent);
		expect(device.memoryStats().liveBytes).toBe(liveBytes);
		const nats = windows.map(({ ids }) =>
			scope(() => {
				const logits = loaded.model.logits(loaded.parameters, intTensor(ids.slice(0, -1), [1, ids.length - 1]));
				const losses = crossEntropy(reshape(logits, [-1, 256]), intTensor(ids.slice(1), [ids.length - 1]));
				return losses.dataSync().reduce((sum, value) => sum + value, 0);
			}),
		);
		const total = nats.reduce((a, b) => a + b, 0);
		expect(result).toMatchObject({ windows: 2, tokens: 12, bytes: 26 });
		expect(result.crossEntropy).toBeCloseTo(total / 12, 5);
		expect(result.bitsPerByte).toBeCloseTo(total / 26 / Math.LN2, 5);
		expect(result.tokensPerSecond).toBeCloseTo(12 / result.seconds, 6);
	});

	it("tells of a model that gives no number", async () => {
		const parameters = mapTree(loaded.parameters, ({ shape, size }) =>
			tensor(new Float32Array(size).fill(Number.NaN), shape),
		);
		const windows = [{ ids: new Int32Array(9), count: 1, bytes: 8 }];
		const failed = evaluateModel(device, { ...loaded, parameters }, windows, "m", silent);
		await expect(failed).rejects.toThrow(InputError);
		await expect(failed).rejects.toThrow(/^"m" gives a loss of NaN: its weights are damaged/);
		for (const weight of treeTensors(parameters)) weight.dispose();
	});
});
