import { describe, expect, it } from "vitest";
import { UsageError } from "../errors.js";
import { parseServeOptions, type RawServeOptions, serveDefaults } from "./options.js";

const raw: RawServeOptions = {
	...serveDefaults,
	...{ model: "organisation/model", task: [], normalize: true, dtype: "fp32", offline: false },
	...{ overflow: "error", batchSize: "8", turbo: true, device: "wasm" },
};

describe("options of serve", () => {
	it("are checked and turned into settings", () => {
		expect(parseServeOptions(raw)).toMatchObject({
			...{ model: "organisation/model", tasks: [], host: "127.0.0.1", port: 8000, token: undefined },
			...{ maxBody: 10 * 2 ** 20, queue: 64, timeout: 600, pooling: "mean", normalize: true },
			reading: { overflow: "error", batch_size: 8 },
		});
		const tasks = parseServeOptions({ ...raw, task: ["ner, fill-mask", "fill-mask"] }).tasks;
		expect(tasks).toEqual(["token-classification", "fill-mask"]);
		expect(parseServeOptions({ ...raw, maxBody: "1.5KB" }).maxBody).toBe(1536);
	});

	it.each<[Partial<RawServeOptions>, RegExp]>([
		[{ task: ["chat"] }, /^--task: "chat" is not valid; expected feature-extraction, /],
		[{ host: "a b" }, /^--host/],
		[{ port: "65536" }, /^--port: "65536" is not valid; expected an integer from 0 to 65535/],
		[{ token: "" }, /^--token: it is not valid/],
		[{ token: "two words" }, /^--token: it is not valid/],
		[{ maxBody: "0" }, /^--max-body/],
		[{ maxBody: "300mb" }, /^--max-body: "300mb" is not valid; .* at most 256mb/],
		[{ maxBody: "ten" }, /^--max-body/],
		[{ queue: "-1" }, /^--queue/],
		[{ timeout: "0" }, /^--timeout/],
		[{ pooling: "max" }, /^--pooling: "max" is not valid; expected mean or cls/],
		[{ overflow: "cut" }, /^--overflow/],
	])("of %j are refused", (changes, message) => {
		expect(() => parseServeOptions({ ...raw, ...changes })).toThrow(UsageError);
		expect(() => parseServeOptions({ ...raw, ...changes })).toThrow(message);
	});
});
