import { OptionError, ShapeError } from "longspan";
import { describe, expect, it } from "vitest";
import { InputError, UsageError } from "../errors.js";
import { downloadProgress } from "./download-progress.js";
import { inCommandTerms } from "./explain.js";
import { jsonNumbers } from "./json-numbers.js";
import { parseModelOptions, type RawModelOptions } from "./model-options.js";
import { parseReadingOptions, type RawReadingOptions } from "./reading-options.js";

describe("inCommandTerms", () => {
	it.each([
		[
			'summarization: the text makes 9 tokens, the model takes 5; pass overflow: "stride" to read it in windows',
			"the text makes 9 tokens, the model takes 5; pass --overflow stride to read it in windows",
		],
		["fill-mask: stride is 9; expected fewer", "--stride is 9; expected fewer"],
		["summarization: maxNewTokens is 0; expected", "--max-new-tokens is 0; expected"],
		["feature-extraction: batch_size is 0; expected", "--batch-size is 0; expected"],
		["fromPretrained: there is no folder", "there is no folder"],
		["a/b: load it once without localFilesOnly (HF_HUB_OFFLINE)", "a/b: load it once without --offline"],
		["the window of a model is fixed", "the window of a model is fixed"],
		[
			'a/b: "x" is missing; load the checkpoint as the class it was saved as, or give drawMissing to start with new weights there',
			'a/b: "x" is missing; expected a model for this task',
		],
	])("tells %j", (message, expected) => {
		const told = inCommandTerms(new OptionError(message));
		expect(told).toBeInstanceOf(InputError);
		expect((told as Error).message).toBe(expected);
	});

	it("leaves other errors as they are", () => {
		const error = new ShapeError("batch_size");
		expect(inCommandTerms(error)).toBe(error);
	});
});

describe("options", () => {
	const model: RawModelOptions = {
		model: "a/b",
		dtype: "q8",
		offline: true,
		turbo: true,
		device: "wasm",
		threads: "2",
	};
	const reading: RawReadingOptions = { overflow: "stride", batchSize: "4", stride: "0", window: "9" };

	it("become settings", () => {
		expect(parseModelOptions({ ...model, revision: "main", cacheDir: "x" })).toEqual({
			...{ model: "a/b", dtype: "q8", offline: true, revision: "main", cacheDir: "x" },
			...{ turbo: true, device: "wasm", threads: 2 },
		});
		expect(parseReadingOptions(reading)).toEqual({ overflow: "stride", stride: 0, window: 9, batch_size: 4 });
		expect(parseReadingOptions({ overflow: "error", batchSize: "8" })).toEqual({ overflow: "error", batch_size: 8 });
	});

	it.each<[() => unknown, RegExp]>([
		[() => parseModelOptions({ ...model, model: " " }), /^--model: it is empty/],
		[() => parseModelOptions({ ...model, cacheDir: "" }), /^--cache-dir: it is empty/],
		[() => parseModelOptions({ ...model, dtype: "float16" }), /^--dtype: "float16" is not valid; expected fp32, fp16/],
		[() => parseReadingOptions({ ...reading, overflow: "wrap" }), /^--overflow: "wrap" is not valid/],
		[() => parseReadingOptions({ ...reading, overflow: "truncate" }), /^--stride: .*; add --overflow stride/],
		[() => parseReadingOptions({ ...reading, stride: "-1" }), /^--stride: "-1" is not valid/],
		[() => parseReadingOptions({ ...reading, window: "0" }), /^--window: "0" is not valid/],
		[() => parseReadingOptions({ ...reading, batchSize: "0" }), /^--batch-size: "0" is not valid/],
	])("are refused: %s", (parse, message) => {
		expect(parse).toThrow(UsageError);
		expect(parse).toThrow(message);
	});
});

describe("jsonNumbers", () => {
	it("gives back the same float32 numbers", () => {
		const values = Float32Array.from({ length: 500 }, (_, index) => Math.sin(index) * 10 ** ((index % 60) - 30));
		const text = JSON.stringify(jsonNumbers(values));
		expect(Float32Array.from(JSON.parse(text))).toEqual(values);
		expect(text.length).toBeLessThan(JSON.stringify(Array.from(values)).length);
	});
});

describe("downloadProgress", () => {
	it("tells of each file once where there is no terminal", () => {
		const written: string[] = [];
		const stream = { isTTY: false, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
		const { event, stop } = downloadProgress(stream);
		const file = (name: string, status: "initiate" | "progress" | "done", loaded: number) =>
			event({ status, name: "a/b", file: name, loaded, total: 2048, progress: loaded / 20.48 });
		file("config.json", "initiate", 0);
		file("config.json", "done", 2048);
		file("model.safetensors", "initiate", 0);
		file("model.safetensors", "progress", 1024);
		stop();
		expect(written).toEqual(["download: config.json, 2.00 KiB\n", "download: model.safetensors, 2.00 KiB\n"]);
	});
});
