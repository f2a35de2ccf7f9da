import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
	type Device,
	encodeSafetensors,
	init,
	intTensor,
	type LanguageModel,
	languageModel,
	slidingWindow,
	treeTensors,
} from "longspan";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { InputError } from "../errors.js";
import { modelConfig } from "./config.js";
import { loadModel } from "./load-model.js";
import { folderName, saveModel } from "./save-model.js";

const config = modelConfig({
	...{ attention: "window:3", vocabularySize: 20, maxLength: 12, dim: 8, layers: 2, heads: 2 },
});

describe("saved models", () => {
	let device: Device;
	let folder: string;
	let model: LanguageModel;
	beforeAll(async () => {
		device = await init({ device: "wasm", threads: 1 });
	});
	afterAll(() => device.dispose());
	beforeEach(async () => {
		folder = mkdtempSync(join(tmpdir(), "longspan-models-"));
		const { vocabularySize, dim, layers, heads } = config;
		const attention = slidingWindow({ window: 3, causal: true });
		model = languageModel({ attention, vocabularySize, maxLength: 12, dim, layers, heads, seed: 7 });
		await saveModel(join(folder, "a", "model"), config, model.parameters);
		return () => {
			for (const weight of treeTensors(model.parameters)) weight.dispose();
			rmSync(folder, { recursive: true });
		};
	});

	const path = (name: string) => join(folder, "a", "model", name);
	const load = () => loadModel(join(folder, "a", "model"));

	it("predict as they did, and leave nothing on the device", async () => {
		const { liveBytes } = device.memoryStats();
		const loaded = load();
		expect(loaded.config).toEqual(config);
		const ids = intTensor([3, 1, 4, 1, 5, 9, 2, 6], [1, 8]);
		const [before, after] = [model.logits(model.parameters, ids), loaded.model.logits(loaded.parameters, ids)];
		expect(await after.data()).toEqual(await before.data());
		for (const tensor of [ids, before, after]) tensor.dispose();
		loaded.dispose();
		expect(device.memoryStats().liveBytes).toBe(liveBytes);
	});

	it("are replaced as a whole, and nothing is left beside them", async () => {
		await saveModel(join(folder, "a", "model"), { ...config, attention: "window:2" }, model.parameters);
		expect(readdirSync(join(folder, "a", "model")).sort()).toEqual(["config.json", "model.safetensors"]);
		const loaded = load();
		expect(loaded.config.attention).toBe("window:2");
		loaded.dispose();
	});

	it("are not written where there is a file", async () => {
		writeFileSync(join(folder, "file"), "");
		for (const place of ["file", "file/model"])
			await expect(saveModel(join(folder, place), config, model.parameters)).rejects.toThrow(
				/cannot write into ".*": there is a file of that name/,
			);
	});

	const edit = (change: (fields: Record<string, unknown>) => void) => () => {
		const fields = JSON.parse(readFileSync(path("config.json"), "utf8")) as Record<string, unknown>;
		change(fields);
		writeFileSync(path("config.json"), JSON.stringify(fields));
	};

	it.each<[what: string, damage: () => void, message: RegExp]>([
		["no configuration", () => rmSync(path("config.json")), /cannot read ".*config.json": there is no such file/],
		["no weights", () => rmSync(path("model.safetensors")), /cannot read ".*model.safetensors": there is no such file/],
		[
			"a folder for weights",
			() => {
				rmSync(path("model.safetensors"));
				mkdirSync(path("model.safetensors"));
			},
			/cannot read ".*model.safetensors": it is a folder/,
		],
		["no JSON", () => writeFileSync(path("config.json"), "{"), /config.json" is no model of longspan: it is no JSON/],
		["no object", () => writeFileSync(path("config.json"), "7"), /it is no JSON object/],
		[
			"another format",
			edit((fields) => (fields.format = "other")),
			/format is "other"; expected "longspan-language-model"/,
		],
		["an earlier version", edit((fields) => (fields.version = 1)), /version is 1; expected 2: .*train it again/],
		["a later version", edit((fields) => (fields.version = 3)), /version is 3; expected 2: .*train it again/],
		["no attention", edit((fields) => delete fields.attention), /attention is undefined; expected a text/],
		[
			"an unknown attention",
			edit((fields) => (fields.attention = "magic")),
			/attention: there is no attention "magic"/,
		],
		["a size that is none", edit((fields) => (fields.layers = 0)), /layers is 0; expected an integer from 1/],
		["an absurd size", edit((fields) => (fields.dim = 2 ** 30)), /dim is 1073741824; expected an integer from 1 to/],
		["heads that do not divide", edit((fields) => (fields.heads = 3)), /dim is 8; expected a multiple of heads, 3/],
		[
			"attention that looks ahead",
			edit((fields) => (fields.attention = "star")),
			/config.json" cannot be used: .*causal/,
		],
		[
			"attention for more layers than there are",
			edit((fields) => (fields.attention = "full,linear,full")),
			/attention: "full,linear,full" is for 3 layers; the model has 2/,
		],
		[
			"attention for more heads than there are",
			edit((fields) => (fields.attention = "full,full+linear+full")),
			/divides the heads of a layer among 3; the model has 2/,
		],
		[
			"a field it does not know",
			edit((fields) => (fields.magic = 1)),
			/there is no field "magic"; there are attention, /,
		],
		["a field left out", edit((fields) => delete fields.norm), /norm is undefined; expected "pre" or "post"/],
		[
			"an unknown field within a field",
			edit((fields) => (fields.feedForward = { hidden: 8, activation: "gelu", chunkLength: null, width: 3 })),
			/there is no field "feedForward.width"; there are hidden, activation, chunkLength/,
		],
		[
			"a bad field within a field",
			edit((fields) => (fields.feedForward = { hidden: 0, activation: "gelu", chunkLength: null })),
			/feedForward.hidden is 0; expected an integer from 1 to 16777216 or null/,
		],
		[
			"unknown positions",
			edit((fields) => (fields.positions = "polar")),
			/positions is "polar"; expected "learned" or/,
		],
		[
			"axial positions without a shape",
			edit((fields) => (fields.positions = { axial: { shape: [] } })),
			/positions.axial.shape is \[\]; expected a list of at least one/,
		],
		["dropout of all", edit((fields) => (fields.dropout = 1)), /dropout is 1; expected a number from 0 to below 1/],
		[
			"bad halting",
			edit((fields) => (fields.recurrence = { halting: { threshold: 2 } })),
			/recurrence.halting.threshold is 2; expected a number from 0 to 1/,
		],
		[
			"a tokenizer elsewhere",
			edit((fields) => (fields.tokenizer = "../tokenizer.json")),
			/tokenizer is "..\/tokenizer.json"; expected "tokenizer.json" or null/,
		],
		[
			"more layers than weights",
			edit((fields) => (fields.layers = 3)),
			/has no tensor "blocks.2.attentionNorm.weight"/,
		],
		[
			"fewer layers than weights",
			edit((fields) => (fields.layers = 1)),
			/has a tensor "blocks.1.attentionNorm.weight"/,
		],
		[
			"other sizes",
			edit((fields) => (fields.maxLength = 9)),
			/has "positions.table" with shape \[12, 8\].* asks for \[9, 8\]/,
		],
		[
			"weights cut off",
			() => writeFileSync(path("model.safetensors"), readFileSync(path("model.safetensors")).subarray(0, 3000)),
			/model.safetensors" cannot be used: decodeSafetensors: .* ends at/,
		],
		[
			"other weights",
			() => writeFileSync(path("model.safetensors"), encodeSafetensors(new Map())),
			/has no tensor "tokens"/,
		],
	])("with %s are told of in one line", (_, damage, message) => {
		const { liveBytes } = device.memoryStats();
		damage();
		expect(load).toThrow(InputError);
		expect(load).toThrow(message);
		expect(device.memoryStats().liveBytes).toBe(liveBytes);
	});
});

describe("folderName", () => {
	it("keeps to characters that every file system takes", () => {
		expect(["full", "window:64", "window:64:dilation=2"].map(folderName)).toEqual([
			"full",
			"window-64",
			"window-64-dilation-2",
		]);
	});
});
